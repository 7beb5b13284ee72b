"""Brings open occurrences into step with the framework and the boards' meetings; none is re-dated after it was due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions, boards_of
from services.reporting_api.models import DueChange, ReportStep
from services.reporting_api.models import Report as Edition
from services.reporting_api.occurrences import NOT_PUT_FORWARD, OPEN, c, table
from services.reporting_api.owing import Dates, NoDates, dates_of, dates_when_asked
from services.reporting_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.schemas.framework.reporting import Report
from shared.schemas.periods import Period

FOLLOWED = (
    "period_start", "period_end", "opens_on", "due_on", "meeting_on", "owner_role", "unit", "audiences", "boards",
    "catch_up",
)  # fmt: skip
_LOCK = 0x51415043
_due_change, _edition, _step = table_of(DueChange), table_of(Edition), table_of(ReportStep)
# Also where it is a draft again, sent back or reopened.
_WAS_SUBMITTED = sa.exists().where(
    _edition.c.occurrence == c.id, _step.c.report == _edition.c.id, _step.c.step == "submitted"
)


@dataclass(frozen=True)
class Wanted:
    """An occurrence as the framework and the meetings now have it."""

    report: Report
    dates: Dates

    def row(self, today: date) -> dict[str, Any]:
        report, dates = self.report, self.dates
        return {
            "id": new_id(), "report": report.code, "period": dates.period, "occasion": 1,
            "period_start": dates.start, "period_end": dates.end, "opens_on": dates.opens_on, "due_on": dates.due_on,
            "meeting_on": dates.meeting_on, "stage": _stage(dates.opens_on, dates.due_on, today),
            "owner_role": report.owner_role, "unit": report.owner_unit, "audiences": list(report.audiences),
            "boards": boards_of(report), "catch_up": report.catch_up, "assemblies": 0, "version": 1,
        }  # fmt: skip


def _stage(opens_on: date, due_on: date | None, today: date) -> str:
    return "due" if due_on is not None and opens_on <= today else "planned"


@dataclass(frozen=True)
class Moved:
    """An occurrence whose due date is another now, or known now."""

    occurrence: Any
    becomes: date


@dataclass
class Followed:
    """What was done: `undated` are those for whose papers no meeting is known any more; they keep their date."""

    moved: list[Moved] = field(default_factory=list)
    withdrawn: int = 0
    undated: list[Any] = field(default_factory=list)


async def hold_schedule(session: AsyncSession) -> None:
    """One at a time makes or re-dates occurrences, until the end of the transaction."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def dates_for(known: Definitions, report: Report, period: Period) -> Dates:
    """The dates of a report that comes by the calendar; raises NoDates."""
    return dates_of(report, period, known.terms(report), known.meeting_days(report.due.board), known.days_off())


async def follow_changes(
    session: AsyncSession, caller: Caller, known: Definitions, held: Iterable[Any], today: date
) -> Followed:
    """Bring open occurrences into step; what its due date has passed, or was published, stays as it was."""
    done = Followed()
    for row in held:
        if row.withdrawn_on or row.published_on or row.late_on or (row.due_on and row.due_on < today):
            continue
        report = known.reports.get(row.report)
        if row.requested_by is not None and (report is None or not report.due.before_meeting):
            continue  # counted from the day it was asked for, which does not change
        retired = report is None or ("reports", row.report) in known.retired
        if report is None or retired or not still_fits(report, row):
            if row.requested_by is None:
                why = "report_retired" if retired else "schedule_changed"
                done.withdrawn += await _withdraw(session, caller, row, why, today)
            continue
        dates = _dates_now(known, report, row)
        if dates is None or (dates.due_on is None and row.due_on is not None):
            # What awaits a meeting has no date to keep, and goes on awaiting it.
            if row.due_on is not None:
                done.undated.append(row)
            continue
        becomes = await _change(session, caller, row, Wanted(report, dates), today)
        if becomes is not None:
            done.moved.append(Moved(row, becomes))
    return done


def _dates_now(known: Definitions, report: Report, row: Any) -> Dates | None:
    """None where the calendar does not reach the period, or no meeting is known for what was asked for."""
    period = Period.parse(row.period)
    try:
        if row.requested_by is None:
            return dates_for(known, report, period)
        meetings = known.meeting_days(report.due.board)
        return dates_when_asked(report, period, row.opens_on, known.terms(report), meetings, known.days_off())
    except NoDates:
        return None


def still_fits(report: Report, row: Any) -> bool:
    """Whether a report in use has this occurrence."""
    if row.requested_by is not None:
        return True
    return Period.parse(row.period).kind is report.period_kind and report.in_force(row.period_end)


async def _withdraw(session: AsyncSession, caller: Caller, row: Any, reason: str, today: date) -> bool:
    """Take it off the schedule, unless somebody ever put its report forward: then it goes its way to the board."""
    gone = await session.execute(
        sa.update(table)
        .where(c.id == row.id, OPEN, c.stage.in_(NOT_PUT_FORWARD), ~_WAS_SUBMITTED)
        .values(withdrawn_on=today, withdrawn_reason=reason, version=c.version + 1)
        .returning(c.id)
    )
    if gone.one_or_none() is None:
        return False
    await record_activity(
        session, caller, "occurrence.withdrawn", "occurrence", row.id, unit=row.unit, data={"reason": reason}
    )
    return True


async def _change(session: AsyncSession, caller: Caller, row: Any, one: Wanted, today: date) -> date | None:
    """Give the row what the framework and the meetings now say; its due date where that moved."""
    now = {name: value for name, value in one.row(today).items() if name in FOLLOWED}
    # A new date is never in the past: nobody becomes late by a correction to a calendar.
    if now["due_on"] is not None:
        now["due_on"] = max(now["due_on"], today)
        now["opens_on"] = min(now["opens_on"], now["due_on"])
    if row.stage in ("planned", "due"):
        now["stage"] = _stage(now["opens_on"], now["due_on"], today)
    changed = {name: value for name, value in now.items() if value != getattr(row, name)}
    if not changed.keys() - {"stage"}:
        return None
    as_read = sa.update(table).where(c.id == row.id, c.version == row.version)
    if (await session.execute(as_read.values(**changed, version=c.version + 1).returning(c.id))).one_or_none() is None:
        # Somebody has just been at it: nobody comes back for it where its day would pass first.
        fresh = sa.select(table).where(c.id == row.id, OPEN).with_for_update()
        now_held = (await session.execute(fresh)).one_or_none()
        return None if now_held is None else await _change(session, caller, now_held, one, today)
    if "due_on" not in changed:
        await record_activity(
            session, caller, "occurrence.changed", "occurrence", row.id, unit=row.unit,
            data={"fields": sorted(changed)},
        )  # fmt: skip
        return None
    reason = _reason(changed)
    becomes: date = now["due_on"]
    await session.execute(
        sa.insert(_due_change).values(
            id=new_id(), occurrence=row.id, was=row.due_on, becomes=becomes, was_period_end=row.period_end,
            becomes_period_end=now["period_end"], reason=reason, changed_by=caller.subject,
        )
    )  # fmt: skip
    await record_activity(
        session, caller, "occurrence.moved", "occurrence", row.id, unit=row.unit,
        data={"was": row.due_on and row.due_on.isoformat(), "becomes": becomes.isoformat(), "reason": reason},
    )  # fmt: skip
    return becomes


def _reason(changed: dict[str, Any]) -> str:
    if "period_end" in changed:
        return "dates_of_period"
    return "meeting" if changed.get("meeting_on") else "due_rule"
