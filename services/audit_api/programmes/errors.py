"""The problems of programmes, rounds and slots."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden, Malformed


class PeriodNotOfProgramme(Malformed):
    """A programme has rounds of one kind of period: give a month, a financial quarter or a financial year."""

    slug, title = "period-not-of-programme", "This programme has no round for such a period"


class NoSlotsInForce(BrokenRule):
    """A round needs at least one team: give a slot of the programme dates that hold the period's first day."""

    slug, title = "no-slots-in-force", "No team has a slot in force on the first day of that period"


class WholeProgrammeNeeded(Forbidden):
    """A round is made for every team at once: ask someone whose scope reaches all of them."""

    slug, title = (
        "whole-programme-needed",
        "The programme reaches beyond this caller's part of the organisation",
    )


class SlotDone(BrokenRule):
    """A submitted audit stands in this slot, so there is nothing to leave out: leave the slot as it is."""

    slug, title = "slot-done", "The slot's audit has been submitted"


class SlotAlreadyVoid(BrokenRule):
    """The slot is void already, with a reason and an approver: read them, or leave it so."""

    slug, title = "slot-already-void", "The slot is void already"


class OwnSlot(BrokenRule):
    """A team does not excuse itself from audit: ask someone above it to approve."""

    slug, title = "own-slot", "A team cannot void its own slot"


class RoundOfProgramme(Malformed):
    """A regular programme decides what its rounds are: leave out what the errors name, or change the programme."""

    slug, title = "round-of-programme", "The programme decides this of its rounds"


class ParticularsNeeded(Malformed):
    """A thematic round says what set it off, observations their setting, samples what is sampled: see the errors."""

    slug, title = "round-particulars-needed", "A field does not fit the type of the programme"


class SpanOfDays(Malformed):
    """A calendar is of some days: give a last day that is not before the first and at most 400 days after it."""

    slug, title = "span-of-days", "The last day does not fit the first"
