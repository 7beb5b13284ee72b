"""Regular rounds as programmes and units make them: their days, the teams in force, those nobody has made yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import AuditRound
from services.audit_api.programmes_in_use import read_programmes
from services.audit_api.reach import oversees
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.schemas.framework.audit_programmes import Programme, Slot
from shared.schemas.periods import Period, PeriodKind
from shared.tables import org_unit
from shared.working_days import add_working_days

KINDS = {
    "monthly": PeriodKind.month,
    "quarterly": PeriodKind.financial_quarter,
    "annual": PeriodKind.financial_year,
}
FURTHEST = timedelta(days=5 * 366)
_rounds = table_of(AuditRound)
# The first and last day of each unit; an open end is None.
Lives = Mapping[str, tuple[date, date | None]]


@dataclass(frozen=True)
class Due:
    """First and last day of a period, and the days after which it is late and missed."""

    starts_on: date
    ends_on: date
    due_on: date
    missed_after: date


@dataclass(frozen=True)
class Unmade:
    """A round nobody has made, with the teams within reach that it would have if it were made now."""

    programme: Programme
    period: Period
    due: Due
    units: Sequence[str]


def days_of(programme: Programme, period: Period) -> Due:
    """The days of the programme's round of a period; raises PeriodError where the calendar does not reach so far."""
    return _days(period, programme.due_working_days_after_period or 0)


@lru_cache(maxsize=4096)
def _days(period: Period, days: int) -> Due:
    # Every list of what is late asks for the days of five years of rounds.
    first, last = period.dates()
    return Due(
        starts_on=first,
        ends_on=last,
        due_on=add_working_days(last, days),
        missed_after=add_working_days(period.successor.end, days),
    )


def periods_between(first: Period, last: Period) -> Iterator[Period]:
    """Every period from one to another of the same kind, both included."""
    while first <= last:
        yield first
        first = first.successor


async def unit_lives(session: AsyncSession) -> Lives:
    """When each unit is in force."""
    rows = await session.execute(sa.select(org_unit.c.code, org_unit.c.valid_from, org_unit.c.valid_to))
    return {row.code: (row.valid_from, row.valid_to) for row in rows}


def slots_in_force(programme: Programme, day: date, lives: Lives) -> list[Slot]:
    """The programme's slots in force that day, of units in force that day."""
    return [slot for slot in programme.slots_on(day) if _in_force(lives.get(slot.unit), day)]


def _in_force(life: tuple[date, date | None] | None, day: date) -> bool:
    return life is not None and life[0] <= day and (life[1] is None or day <= life[1])


async def unmade_rounds(
    session: AsyncSession, caller: Caller, first: date, last: date, units: frozenset[str] | None
) -> list[Unmade]:
    """The rounds that begin from one day to another and were not made, each with its teams within the caller's reach
    (and among `units`); none without such a team."""
    programmes = await read_programmes(session, KINDS)
    made = {(row.programme, row.period) for row in await session.execute(_made_between(first, last))}
    allowed, lives = await visible_units(session, caller), await unit_lives(session)
    found = []
    for programme in programmes:
        for period in _periods(programme, first, last):
            if (programme.code, period.code) in made or not first <= period.start <= last:
                continue
            due = days_of(programme, period)
            teams = [
                slot.unit
                for slot in slots_in_force(programme, due.starts_on, lives)
                if (allowed is None or slot.unit in allowed)
                and (units is None or slot.unit in units)
                and (programme.announced or oversees(caller, allowed, slot.unit))
            ]
            if teams:
                found.append(Unmade(programme, period, due, teams))
    return found


def _periods(programme: Programme, first: date, last: date) -> Iterator[Period]:
    """The periods that hold a day from one to another on which the programme had begun."""
    begins, kind = max(first, min(slot.effective_from for slot in programme.slots)), KINDS[programme.cadence]
    if begins <= last:
        yield from periods_between(Period.containing(kind, begins), Period.containing(kind, last))


def _made_between(first: date, last: date) -> sa.Select[tuple[str, str]]:
    between = _rounds.c.regular, _rounds.c.starts_on.between(first, last)
    return sa.select(_rounds.c.programme, _rounds.c.period).where(*between)
