"""Which figures were and are expected, frozen as things stood on the day each was due (pure functions)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import zip_longest

from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.lateness import due_on, schedule
from shared.clock import local_date
from shared.schemas.periods import Period


class Status(StrEnum):
    """Where an expected figure stands; provisional ones are here but not final."""

    on_time = "on_time"
    late = "late"
    missing = "missing"
    not_due = "not_due"
    provisional = "provisional"


@dataclass(frozen=True, slots=True)
class Edition:
    """A definition as it was applied, and the day from which it held; the first held ever before."""

    definition: Definition
    since: date
    retired: bool


@dataclass(frozen=True, slots=True)
class Life:
    """Until when a place was to send figures, as it was known from a day on."""

    since: date
    closes: date | None


@dataclass(frozen=True, slots=True)
class Recorder:
    """A place that a figure is expected from; without a first period from the declared start."""

    code: str
    name: str
    first: Period | None
    lives: Sequence[Life] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """When a figure first came, and what it is now."""

    at: datetime
    provisional: bool
    unavailable: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """One figure that is expected of one place for one period by a day."""

    definition: Definition
    place: Recorder
    period: Period
    due: date
    receipt: Receipt | None

    @property
    def in_time(self) -> bool:
        return self.receipt is not None and local_date(self.receipt.at) <= self.due

    def is_due(self, today: date) -> bool:
        """Owed from the day after it is due, as DATA_LATE has it."""
        return self.due < today

    def status(self, today: date) -> Status:
        if self.receipt is None:
            return Status.missing if self.is_due(today) else Status.not_due
        if self.receipt.provisional:
            return Status.provisional
        return Status.on_time if self.in_time else Status.late

    def days_late(self, today: date) -> int:
        """By how many days it came late, or is late by now."""
        until = today if self.receipt is None else local_date(self.receipt.at)
        return max(0, (until - self.due).days)


def expected_of(
    editions: Sequence[Edition], place: Recorder, periods: Collection[Period]
) -> Iterator[tuple[Definition, Period, date]]:
    """The periods a figure is expected for, each judged by the edition that held on the day it was due.

    So what was expected then stays expected, whatever the definition or the unit became afterwards.
    """
    for period in periods:
        for edition, following in zip_longest(editions, editions[1:]):
            due = due_on(edition.definition, period)
            if following is not None and due >= following.since:
                continue
            if not edition.retired and _owes(edition.definition, place, period, due):
                yield edition.definition, period, due
            break


def _owes(definition: Definition, place: Recorder, period: Period, due: date) -> bool:
    if definition.period_kind is not period.kind:
        return False
    start = place.first
    if start is None or start.kind is not period.kind:
        declared = definition.content["expected_from"]
        start = Period.parse(declared) if declared else None
    if start is None or period < start:
        return False
    return next(schedule(definition, period, _closes(place.lives, due)), None) == period


def _closes(lives: Sequence[Life], due: date) -> date | None:
    """The closing day as it was known when the figure was due."""
    known = [one for one in lives if one.since <= due] or lives[:1]
    return known[-1].closes if known else None
