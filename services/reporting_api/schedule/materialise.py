"""Turns the schedule into occurrences: rows that exist before they run, each once, moved only while open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions, boards_of, read_definitions
from services.reporting_api.models import DueChange
from services.reporting_api.occurrences import OPEN, c, table
from services.reporting_api.schedule.due import Dates, NoDates, dates_of, periods_ending_between
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.schemas.framework.reporting import Report
from shared.schemas.periods import Period

_LOCK = 0x51415043  # one materialisation at a time
_FOLLOWED = (
    "period_start", "period_end", "opens_on", "due_on", "owner_role", "unit", "audiences", "boards", "catch_up",
)  # fmt: skip
_due_change: sa.Table = DueChange.__table__  # type: ignore[attr-defined]


@dataclass
class Materialised:
    """What one run did."""

    created: int = 0
    unchanged: int = 0
    moved: int = 0
    withdrawn: int = 0
    restored: int = 0
    without_dates: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Wanted:
    report: Report
    dates: Dates


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
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    known = await read_definitions(session)
    done = Materialised()
    wanted = {
        (one.report.code, one.dates.period): one
        for one in _wanted(known, first, last, done.without_dates)
        if keep(one.dates)
    }
    held = (await session.execute(sa.select(table).where(c.requested_by.is_(None)))).all()
    await _restore(session, caller, wanted, held, today, done)
    await _follow_changes(session, caller, known, held, today, done)
    there = {(row.report, row.period) for row in held}
    new = [one for key, one in wanted.items() if key not in there]
    if new:
        statement = insert(table).on_conflict_do_nothing(index_elements=["report", "period", "occasion"])
        made = await session.execute(statement.returning(c.id), [_row(one, today) for one in new])
        done.created = len(made.all())
        await record_activity(
            session, caller, "schedule.materialised", "schedule", "schedule",
            content=[[one.report.code, one.dates.period] for one in new], data={"created": done.created},
        )  # fmt: skip
    done.unchanged = len(wanted) - done.created - done.restored
    return done


def _wanted(known: Definitions, first: date, last: date, without_dates: list[tuple[str, str]]) -> list[_Wanted]:
    found = []
    for report in known.in_use():
        if report.period_kind is None:
            continue
        for period in periods_ending_between(report.period_kind, first, last, known.terms(report)):
            try:
                dates = _dates(known, report, period)
            except NoDates:
                without_dates.append((report.code, period.code))
                continue
            if report.in_force(dates.end):
                found.append(_Wanted(report, dates))
    return found


def _dates(known: Definitions, report: Report, period: Period) -> Dates:
    board = known.boards.get(report.due.board or "")
    return dates_of(report, period, known.terms(report), board.meeting_dates if board else (), known.days_off())


def _row(one: _Wanted, today: date) -> dict[str, Any]:
    report, dates = one.report, one.dates
    return {
        "id": new_id(), "report": report.code, "period": dates.period, "occasion": 1,
        "period_start": dates.start, "period_end": dates.end, "opens_on": dates.opens_on, "due_on": dates.due_on,
        "stage": "due" if dates.opens_on <= today else "planned", "owner_role": report.owner_role,
        "unit": report.owner_unit, "audiences": list(report.audiences), "boards": boards_of(report),
        "catch_up": report.catch_up, "assemblies": 0, "version": 1,
    }  # fmt: skip


async def _restore(
    session: AsyncSession,
    caller: Caller,
    wanted: dict[tuple[str, str], _Wanted],
    held: Any,
    today: date,
    done: Materialised,
) -> None:
    """Bring back what was withdrawn when its report left the schedule, now that it is in it again."""
    for row in held:
        one = wanted.get((row.report, row.period))
        if row.withdrawn_on is None or one is None or one.dates.due_on < today:
            continue
        fresh = {name: value for name, value in _row(one, today).items() if name in (*_FOLLOWED, "stage")}
        await session.execute(
            sa.update(table)
            .where(c.id == row.id)
            .values(**fresh, withdrawn_on=None, withdrawn_reason=None, version=c.version + 1)
        )
        await record_activity(session, caller, "occurrence.restored", "occurrence", row.id, unit=row.unit)
        done.restored += 1


async def _follow_changes(
    session: AsyncSession, caller: Caller, known: Definitions, held: Any, today: date, done: Materialised
) -> None:
    """Bring open occurrences into step with the framework; after its due date none is re-dated or withdrawn."""
    for row in held:
        if row.withdrawn_on or row.published_on or row.late_on or row.due_on < today:
            continue
        report = known.reports.get(row.report)
        retired = report is None or ("reports", row.report) in known.retired
        if report is None or retired or not _still_fits(report, row):
            if row.assemblies == 0:
                await _withdraw(session, caller, row, "report_retired" if retired else "schedule_changed", today)
                done.withdrawn += 1
            continue
        try:
            dates = _dates(known, report, Period.parse(row.period))
        except NoDates:
            continue
        done.moved += await _change(session, caller, row, _Wanted(report, dates), today)


def _still_fits(report: Report, row: Any) -> bool:
    return Period.parse(row.period).kind is report.period_kind and report.in_force(row.period_end)


async def _withdraw(session: AsyncSession, caller: Caller, row: Any, reason: str, today: date) -> None:
    await session.execute(
        sa.update(table)
        .where(c.id == row.id, OPEN)
        .values(withdrawn_on=today, withdrawn_reason=reason, version=c.version + 1)
    )
    await record_activity(
        session, caller, "occurrence.withdrawn", "occurrence", row.id, unit=row.unit, data={"reason": reason}
    )


async def _change(session: AsyncSession, caller: Caller, row: Any, one: _Wanted, today: date) -> bool:
    """Give the row what the framework now says; says whether its due date moved."""
    now = {name: value for name, value in _row(one, today).items() if name in _FOLLOWED}
    # A new date is never in the past: nobody becomes late by a correction to a calendar.
    now["due_on"] = max(now["due_on"], today)
    now["opens_on"] = min(now["opens_on"], now["due_on"])
    if row.stage in ("planned", "due"):
        now["stage"] = "due" if now["opens_on"] <= today else "planned"
    changed = {name: value for name, value in now.items() if value != getattr(row, name)}
    if not changed.keys() - {"stage"}:
        return False
    await session.execute(sa.update(table).where(c.id == row.id).values(**changed, version=c.version + 1))
    if "due_on" not in changed:
        await record_activity(
            session, caller, "occurrence.changed", "occurrence", row.id, unit=row.unit,
            data={"fields": sorted(changed)},
        )  # fmt: skip
        return False
    reason = "dates_of_period" if "period_end" in changed else "due_rule_or_meeting"
    await session.execute(
        sa.insert(_due_change).values(
            id=new_id(), occurrence=row.id, was=row.due_on, becomes=now["due_on"], was_period_end=row.period_end,
            becomes_period_end=now["period_end"], reason=reason, changed_by=caller.subject,
        )
    )  # fmt: skip
    await record_activity(
        session, caller, "occurrence.moved", "occurrence", row.id, unit=row.unit,
        data={"was": row.due_on.isoformat(), "becomes": now["due_on"].isoformat(), "reason": reason},
    )  # fmt: skip
    return True
