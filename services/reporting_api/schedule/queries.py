"""Reading occurrences: columns only, one statement a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import DueChange, Report
from services.reporting_api.occurrences import OPEN, STATUS, c, table
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.paging import cursor_key

_due_change: sa.Table = DueChange.__table__  # type: ignore[attr-defined]
_report: sa.Table = Report.__table__  # type: ignore[attr-defined]


async def select_occurrences(
    session: AsyncSession,
    caller: Caller,
    *,
    report: str | None,
    board: str | None,
    period: str | None,
    status: str | None,
    first: date | None,
    last: date | None,
    awaiting_meeting: bool | None,
    after: tuple[Any, ...] | None,
    fetch: int,
) -> Sequence[Any]:
    """Occurrences by due date, those that await a meeting last; the filters narrow, the caller's units bound."""
    statement = sa.select(table).order_by(c.due_on, c.id).limit(fetch)
    for column, value in ((c.report, report), (c.period, period), (STATUS, status)):
        if value is not None:
            statement = statement.where(column == value)
    if board is not None:
        statement = statement.where(c.boards.contains([board]))
    if first is not None:
        statement = statement.where(c.due_on >= first)
    if last is not None:
        statement = statement.where(c.due_on <= last)
    if awaiting_meeting is not None:
        statement = statement.where(c.due_on.is_(None) if awaiting_meeting else c.due_on.is_not(None))
    if after is not None:
        statement = statement.where(_behind(*cursor_key(after, str, UUID)))
    allowed = await visible_units(session, caller)
    if allowed is not None:
        statement = statement.where(c.unit.in_(sorted(allowed)))
    return (await session.execute(statement)).all()


def place_of(row: Any) -> tuple[str, str]:
    """Where a row stands in the order of `select_occurrences`."""
    return row.due_on.isoformat() if row.due_on else "", str(row.id)


def _behind(due_on: str, occurrence: UUID) -> sa.ColumnElement[bool]:
    if not due_on:
        return sa.and_(c.due_on.is_(None), c.id > occurrence)
    (day,) = cursor_key((due_on,), date.fromisoformat)
    return sa.or_(c.due_on.is_(None), sa.tuple_(c.due_on, c.id) > (day, occurrence))


async def select_occurrence(session: AsyncSession, caller: Caller, occurrence: UUID) -> Any | None:
    row = (await session.execute(sa.select(table).where(c.id == occurrence))).one_or_none()
    allowed = await visible_units(session, caller)
    return None if row is None or (allowed is not None and row.unit not in allowed) else row


async def newest_reports(session: AsyncSession, caller: Caller, occurrences: Sequence[UUID]) -> dict[UUID, str]:
    """The newest edition of each occurrence that this caller may read."""
    works_on_drafts = any(caller.may(f"reporting:{verb}") for verb in ("write", "sign", "publish"))
    statement = (
        sa.select(_report.c.occurrence, _report.c.id)
        .ext(distinct_on(_report.c.occurrence))
        .where(_report.c.occurrence.in_(occurrences))
        .order_by(_report.c.occurrence, _report.c.edition.desc())
    )
    if not works_on_drafts:
        statement = statement.where(_report.c.status == "published")
    return {row.occurrence: str(row.id) for row in (await session.execute(statement)).all()}


async def select_due_changes(session: AsyncSession, occurrence: UUID) -> Sequence[Any]:
    statement = sa.select(_due_change).where(_due_change.c.occurrence == occurrence)
    return (await session.execute(statement.order_by(_due_change.c.id))).all()


async def next_due_dates(session: AsyncSession) -> dict[str, date]:
    """Of each report, when the next open occurrence that is not late falls due."""
    statement = (
        sa.select(c.report, sa.func.min(c.due_on).label("next")).where(OPEN, c.late_on.is_(None)).group_by(c.report)
    )
    rows = (await session.execute(statement)).all()
    return {row.report: row.next for row in rows}
