"""The named problems of compliments."""

from __future__ import annotations

from shared.problems import BrokenRule


class ComplimentReferenceInUse(BrokenRule):
    """A compliment of this reference exists that this caller may not change. Check the reference, or ask the
    complaints manager to correct it.
    """

    slug, title = "compliment-reference-in-use", "The reference belongs to a compliment this caller may not change"


class ComplimentMerged(BrokenRule):
    """The reference was merged into another: read it to be led there, or separate the two first."""

    slug, title = "compliment-merged", "The reference was merged into another compliment"


class ComplimentMergeRefused(BrokenRule):
    """Only another compliment that holds no further references is merged into this one."""

    slug, title = "compliment-merge-refused", "These two references cannot be merged that way"


class ComplimentNotMergedHere(BrokenRule):
    """Only a reference that was merged into this compliment is separated from it. See `references`."""

    slug, title = "compliment-not-merged-here", "The reference was not merged into this compliment"
