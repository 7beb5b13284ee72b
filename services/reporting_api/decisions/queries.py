"""Reading decisions: those of the reports a caller may see, and those the caller's unit sees to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.matters import SELECT, c, table, u, update_table
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from shared.auth.caller import Caller
from shared.organisation.units import codes_below
from shared.paging import Cursor, cursor_key
from shared.problems import NotFound

_SELECT = SELECT.join(occurrence_table, sa.text("occurrence.id = report.occurrence")).add_columns(
    occurrence.period_start, occurrence.period_end
)


@dataclass(frozen=True)
class Filters:
    board: str | None = None
    report: UUID | None = None
    status: str | None = None
    overdue: bool | None = None
    owner_role: str | None = None
    owner_unit: str | None = None


def _visible(caller: Caller) -> sa.ColumnElement[bool]:
    if caller.unit is None:
        return sa.true()
    below = codes_below(sa.bindparam("own_unit", caller.unit, sa.Text, unique=True))
    return sa.or_(c.unit.in_(below), c.owner_unit.in_(below))


async def find_decision(session: AsyncSession, caller: Caller, wanted: UUID, *, lock: bool = False) -> Any:
    """One decision the caller may see; raises NotFound for every other."""
    statement = _SELECT.where(c.id == wanted, _visible(caller))
    if lock:
        statement = statement.with_for_update(of=[table])
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def list_decisions(
    session: AsyncSession, caller: Caller, filters: Filters, at: Cursor, today: date
) -> Sequence[Any]:
    """Decisions by the day of the meeting."""
    statement = _SELECT.where(_visible(caller)).order_by(c.meeting_on, c.id).limit(at.fetch)
    wanted = (
        (c.board, filters.board), (c.report, filters.report), (c.status, filters.status),
        (c.owner_role, filters.owner_role), (c.owner_unit, filters.owner_unit),
    )  # fmt: skip
    for column, value in wanted:
        if value is not None:
            statement = statement.where(column == value)
    if filters.overdue is not None:
        late = sa.and_(c.status == "open", sa.func.coalesce(c.originally_due_on < today, sa.false()))
        statement = statement.where(late if filters.overdue else ~late)
    if at.after is not None:
        statement = statement.where(sa.tuple_(c.meeting_on, c.id) > cursor_key(at.after, date.fromisoformat, UUID))
    return (await session.execute(statement)).all()


async def read_updates(session: AsyncSession, decision: UUID) -> Sequence[Any]:
    own = sa.select(update_table).where(u.decision == decision)
    return (await session.execute(own.order_by(u.recorded_at, u.id))).all()
