"""The named problems of weaknesses."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class AlreadyLinked(BrokenRule):
    """This action is linked to this weakness already. Nothing needs to be done."""

    slug, title = "already-linked", "The action is linked to this already"


class NoteNotRead(BrokenRule):
    """What the link's note says reads like harm. It stays until the duty role has decided on it."""

    slug, title = "note-not-read", "The duty role has not decided on the note yet"


class PeriodWithoutDates(Malformed):
    """Terms have no dates in this service. Give a month, a quarter or a year."""

    slug, title = "period-without-dates", "The period has no dates in this service"
