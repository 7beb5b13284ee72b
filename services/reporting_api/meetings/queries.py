"""Reading what hangs on a board's meetings: the papers counted back from each, and each meeting's changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions
from services.reporting_api.meeting_days import Meeting
from services.reporting_api.meetings.schemas import PaperOut
from services.reporting_api.models import MeetingChange
from services.reporting_api.occurrences import c, status_of, table
from services.reporting_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.working_days import count_working_days

_change = table_of(MeetingChange)


async def read_papers(
    session: AsyncSession, caller: Caller, known: Definitions, board: str, days: Sequence[date]
) -> dict[date, list[PaperOut]]:
    """The reports this caller may know of whose papers are counted back from each of the days."""
    theirs = [code for code, report in known.reports.items() if report.due.board == board]
    statement = sa.select(table).where(c.meeting_on.in_(days), c.report.in_(theirs), c.withdrawn_on.is_(None))
    allowed = await visible_units(session, caller)
    if allowed is not None:
        statement = statement.where(c.unit.in_(sorted(allowed)))
    found: dict[date, list[PaperOut]] = {day: [] for day in days}
    for row in (await session.execute(statement.order_by(c.due_on, c.report, c.id))).all():
        between = count_working_days(row.due_on, row.meeting_on, known.days_off())
        ends = sum(count_working_days(day, day, known.days_off()) for day in {row.due_on, row.meeting_on})
        found[row.meeting_on].append(
            PaperOut(
                occurrence=str(row.id), report=row.report, title=known.title(row.report), period=row.period,
                due_on=row.due_on, status=status_of(row), clear_working_days=max(0, between - ends),
            )
        )  # fmt: skip
    return found


async def read_changes(session: AsyncSession, one: Meeting) -> Sequence[Any]:
    statement = sa.select(_change).where(_change.c.board == one.board, _change.c.planned_on == one.planned_on)
    return (await session.execute(statement.order_by(_change.c.id))).all()
