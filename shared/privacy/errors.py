"""What is refused about personal data."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class WholeCouncilOnly(Forbidden):
    """Personal data is answered for by the whole council: ask with a token that names no organisation unit."""

    slug, title = "whole-council-only", "A token for one organisation unit cannot do this"


class UnderLegalHold(BrokenRule):
    """A legal hold stops what was asked; nothing was erased. `held` counts the records by kind. Lift the hold first."""

    slug, title = "under-legal-hold", "A legal hold keeps these records"


class HoldLifted(BrokenRule):
    """This hold ended earlier. Place another if the records must be kept again."""

    slug, title = "hold-lifted", "The hold has been lifted already"


class TooMuchHeld(BrokenRule):
    """More is held of this subject than one answer takes. `held` counts the rows by table: ask for some `tables` at a
    time."""

    slug, title = "too-much-held", "More is held than one answer takes"


class StillReferredTo(BrokenRule):
    """Another record that stays rests on this one; nothing was erased. Erase that one first, or leave both."""

    slug, title = "still-referred-to", "Another record rests on this one"
