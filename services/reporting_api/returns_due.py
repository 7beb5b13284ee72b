"""Which returns fall due between two days by the framework, and what is on record of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions
from services.reporting_api.models import DfeReturn
from services.reporting_api.registry import table_of
from shared.clock import local_date
from shared.schemas.framework.returns import Return
from shared.schemas.periods import OutsideTerm, Period, TermCalendar, TermDatesUnknown

table = table_of(DfeReturn)
Standing = Literal["not_prepared", "prepared", "signed", "submitted"]


@dataclass(frozen=True)
class Due:
    """One return owed for one period, with its submissions so far in order."""

    definition: Return
    period: Period
    due_on: date
    submissions: Sequence[Any]

    @property
    def newest(self) -> Any | None:
        return self.submissions[-1] if self.submissions else None

    @property
    def standing(self) -> Standing:
        found: Standing = self.newest.status if self.newest else "not_prepared"
        return found

    @property
    def was_submitted(self) -> bool:
        return any(row.submitted_at for row in self.submissions)

    def on_time(self, today: date) -> bool | None:
        """By the first submission: taking it up again later makes it no later. None while it is not yet due."""
        first = next((row.submitted_at for row in self.submissions if row.submitted_at), None)
        if first is not None:
            return local_date(first) <= self.due_on
        return False if today > self.due_on else None


Held = dict[tuple[str, str], list[Any]]


async def read_held(session: AsyncSession, first: date, last: date) -> Held:
    """What is on record of the returns due from `first` to `last`."""
    statement = sa.select(table).where(table.c.due_on.between(first, last))
    found: Held = {}
    for row in (await session.execute(statement.order_by(table.c.code, table.c.period, table.c.submission))).all():
        found.setdefault((row.code, row.period), []).append(row)
    return found


def returns_due(known: Definitions, held: Held, first: date, last: date) -> list[Due]:
    """Every return in force that falls due on one of these days, whether or not anybody has prepared it."""
    found = [
        Due(definition, period, due_on, held.get((definition.code, period.code), ()))
        for definition in known.returns.values()
        if ("returns", definition.code) not in known.retired
        for period, due_on in _periods(known, definition, first, last)
    ]
    return sorted(found, key=lambda one: (one.due_on, one.definition.code))


def _periods(known: Definitions, definition: Return, first: date, last: date) -> Iterator[tuple[Period, date]]:
    """The periods that end as many days before one of these days as the return has time."""
    calendar = known.calendars.get(definition.calendar or "")
    terms: TermCalendar = calendar.term_calendar() if calendar else {}
    for number in range((last - first).days + 1):
        due_on = first + timedelta(days=number)
        day = due_on - timedelta(days=definition.due_days)
        try:
            period = Period.containing(definition.period_kind, day, terms)
            if period.dates(terms)[1] == day and definition.in_force(day):
                yield period, due_on
        except (OutsideTerm, TermDatesUnknown):
            continue
