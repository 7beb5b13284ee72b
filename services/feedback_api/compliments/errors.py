"""The named problems of compliments."""

from __future__ import annotations

from shared.problems import BrokenRule


class ComplimentReferenceInUse(BrokenRule):
    """A compliment of this reference exists that this caller may not change. Check the reference, or ask the
    complaints manager to correct it.
    """

    slug, title = "compliment-reference-in-use", "The reference belongs to a compliment this caller may not change"
