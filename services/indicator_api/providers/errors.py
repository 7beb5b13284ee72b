"""The named problems of providers and the registers they stand in."""

from __future__ import annotations

from shared.problems import BrokenRule


class AlreadyInRegister(BrokenRule):
    """The provider has an open entry in this register. Change that one, or close it first."""

    slug, title = "already-in-register", "The provider stands in this register already"


class ConcernClosed(BrokenRule):
    """The entry is closed and stays as it was. Open a new one if there is concern again."""

    slug, title = "concern-closed", "The entry in the register is closed"


class ReviewHeld(BrokenRule):
    """One review of an entry is recorded for each period. What was seen later goes into a note."""

    slug, title = "review-held", "This period's review is recorded already"


class ReferenceTaken(BrokenRule):
    """Another provider has this reference. Correct one of the two."""

    slug, title = "provider-reference-taken", "The reference belongs to another provider"
