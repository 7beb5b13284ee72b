"""What a board gets: its reports, when the next is due, how many are late, and the newest that was published."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.boards.schemas import BoardReportOut, PublishedOut
from services.reporting_api.definitions import Definitions, boards_of, disclosure_of
from services.reporting_api.models import Report
from services.reporting_api.occurrences import OPEN, c, table
from services.reporting_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import visible_units

_report = table_of(Report)


async def read_reports(session: AsyncSession, caller: Caller, known: Definitions, board: str) -> list[BoardReportOut]:
    """The reports of a board, in order of code; counts and editions are those this caller may know of."""
    theirs = [one for one in known.in_use() if board in boards_of(one)]
    codes = [one.code for one in theirs]
    allowed = await visible_units(session, caller)
    # Of a report that came to go to it later, the board is told of no edition that went to others.
    of_board = c.boards.contains([board])
    if allowed is not None:
        of_board = sa.and_(of_board, c.unit.in_(sorted(allowed)))
    standing = {row.report: row for row in await _standing(session, codes, of_board)}
    latest = {row.report: row for row in await _latest(session, codes, of_board)}
    return [
        BoardReportOut(
            report=one.code, title=one.title, cadence=one.cadence.value,
            goes_to="audience" if board in one.audiences else "via",
            disclosure=disclosure_of(one, known.boards).value, next_due_on=_next(standing.get(one.code)),
            late=standing[one.code].late if one.code in standing else 0, latest=_published(latest.get(one.code)),
        )
        for one in theirs
    ]  # fmt: skip


async def _standing(session: AsyncSession, codes: list[str], of_board: Any) -> Any:
    next_due = sa.func.min(c.due_on).filter(c.late_on.is_(None)).label("next_due_on")
    late = sa.func.count().filter(c.late_on.is_not(None)).label("late")
    statement = sa.select(c.report, next_due, late).where(OPEN, c.report.in_(codes), of_board).group_by(c.report)
    return (await session.execute(statement)).all()


async def _latest(session: AsyncSession, codes: list[str], of_board: Any) -> Any:
    statement = (
        sa.select(c.report, c.period, c.published_on, _report.c.id)
        .ext(distinct_on(c.report))
        .join(table, c.id == _report.c.occurrence)
        .where(c.report.in_(codes), _report.c.status == "published", of_board)
        .order_by(c.report, c.period_end.desc(), c.occasion.desc())
    )
    return (await session.execute(statement)).all()


def _next(row: Any) -> date | None:
    return row.next_due_on if row is not None else None


def _published(row: Any) -> PublishedOut | None:
    if row is None:
        return None
    return PublishedOut(report_id=str(row.id), period=row.period, published_on=row.published_on)
