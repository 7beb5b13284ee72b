"""Turns the schedule into occurrences: rows that exist before they run, each once, moved only while open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.occurrences import c, table
from services.reporting_api.owing import Dates, NoDates, periods_ending_between
from services.reporting_api.redating import FOLLOWED, Wanted, dates_for, follow_changes, hold_schedule, still_fits
from shared.activity.record import record_activity
from shared.auth.caller import Caller


@dataclass
class Materialised:
    """What one run did."""

    created: int = 0
    unchanged: int = 0
    moved: int = 0
    withdrawn: int = 0
    restored: int = 0
    without_dates: list[tuple[str, str]] = field(default_factory=list)


async def materialise(
    session: AsyncSession,
    caller: Caller,
    first: date,
    last: date,
    today: date,
    *,
    keep: Callable[[Dates], bool] = lambda dates: True,
) -> Materialised:
    """Make an occurrence of every period that ends between two days, and move open ones whose dates changed.

    Run again it changes nothing. `keep` narrows what is created, never what is moved.
    """
    await hold_schedule(session)
    known = await read_definitions(session)
    done = Materialised()
    wanted = {
        (one.report.code, one.dates.period): one
        for one in _wanted(known, first, last, done.without_dates)
        if keep(one.dates)
    }
    restored = await _restore(session, caller, known, wanted, today)
    held = (await session.execute(sa.select(table))).all()
    followed = await follow_changes(session, caller, known, held, today)
    done.moved, done.withdrawn, done.restored = len(followed.moved), followed.withdrawn, len(restored)
    there = {(row.report, row.period) for row in held if row.requested_by is None}
    new = [one for key, one in wanted.items() if key not in there]
    if new:
        statement = insert(table).on_conflict_do_nothing(index_elements=["report", "period", "occasion"])
        made = await session.execute(statement.returning(c.id), [one.row(today) for one in new])
        done.created = len(made.all())
        await record_activity(
            session, caller, "schedule.materialised", "schedule", "schedule",
            content=[[one.report.code, one.dates.period] for one in new], data={"created": done.created},
        )  # fmt: skip
    done.unchanged = len(wanted.keys() - restored) - done.created
    return done


def _wanted(known: Definitions, first: date, last: date, without_dates: list[tuple[str, str]]) -> list[Wanted]:
    found = []
    for report in known.in_use():
        if report.period_kind is None:
            continue
        for period in periods_ending_between(report.period_kind, first, last, known.terms(report)):
            try:
                dates = dates_for(known, report, period)
            except NoDates:
                without_dates.append((report.code, period.code))
                continue
            if dates.due_on is None:
                without_dates.append((report.code, period.code))
            if report.in_force(dates.end):
                found.append(Wanted(report, dates))
    return found


async def _restore(
    session: AsyncSession, caller: Caller, known: Definitions, wanted: dict[tuple[str, str], Wanted], today: date
) -> set[tuple[str, str]]:
    """Bring back what was withdrawn when its report left the schedule, now that it is in it again; tells which."""
    reports = {one.code: one for one in known.in_use()}
    withdrawn = sa.select(table).where(c.withdrawn_on.is_not(None), c.requested_by.is_(None))
    restored = set()
    for row in (await session.execute(withdrawn)).all():
        fresh: dict[str, Any] = {}
        if row.assemblies > 0:
            # A draft comes back as it was, also after its day: then it is late, and can still be finished.
            report = reports.get(row.report)
            if report is None or not still_fits(report, row):
                continue
        else:
            one = wanted.get((row.report, row.period))
            if one is None or (one.dates.due_on or today) < today:
                continue
            fresh = {name: value for name, value in one.row(today).items() if name in (*FOLLOWED, "stage")}
        await session.execute(
            sa.update(table)
            .where(c.id == row.id)
            .values(**fresh, withdrawn_on=None, withdrawn_reason=None, version=c.version + 1)
        )
        await record_activity(session, caller, "occurrence.restored", "occurrence", row.id, unit=row.unit)
        restored.add((row.report, row.period))
    return restored
