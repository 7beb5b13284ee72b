"""Reading contributions: those a caller may see, their trail and what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.owed import SELECT, c, event_table, standing_in_sql, submission_table, table
from shared.auth.caller import Caller
from shared.organisation.units import codes_below, visible_units
from shared.paging import Cursor, cursor_key
from shared.problems import NotFound


@dataclass(frozen=True)
class Filters:
    occurrence: UUID | None = None
    report: str | None = None
    agency: str | None = None
    unit: str | None = None
    period: str | None = None
    standing: str | None = None


def _reach(caller: Caller) -> sa.ColumnElement[bool]:
    """Whose contributions the caller sees and may send.

    A token's organisation is a unit or an agency: its own, and, with reporting:write, those to the unit's own reports.
    One that names none answers for the whole council, which takes reporting:write: without it, it is nobody's.
    """
    coordinates = caller.may("reporting:write")
    if caller.unit is None:
        return sa.true() if coordinates else sa.false()
    below = codes_below(sa.bindparam("own_unit", caller.unit, sa.Text, unique=True))
    own = sa.or_(
        sa.and_(c.contributor_kind == "agency", c.contributor == caller.unit),
        sa.and_(c.contributor_kind == "unit", c.contributor.in_(below)),
    )
    return sa.or_(own, occurrence.unit.in_(below)) if coordinates else own


async def coordinates(session: AsyncSession, caller: Caller, unit: str | None) -> bool:
    """Whether the caller answers for the report: asks, chases, sends back and waives."""
    if not caller.may("reporting:write"):
        return False
    allowed = await visible_units(session, caller)
    return allowed is None or unit in allowed


async def find_contribution(session: AsyncSession, caller: Caller, wanted: UUID, *, lock: bool = False) -> Any:
    """One contribution in the caller's reach; raises NotFound for every other."""
    statement = SELECT.where(c.id == wanted, _reach(caller))
    if lock:
        statement = statement.with_for_update(of=[table])
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def list_contributions(
    session: AsyncSession, caller: Caller, filters: Filters, at: Cursor, today: date
) -> Sequence[Any]:
    """Contributions by the day they are due."""
    statement = SELECT.where(_reach(caller)).order_by(c.due_on, c.id).limit(at.fetch)
    wanted = (
        (c.occurrence, filters.occurrence), (occurrence.report, filters.report), (occurrence.period, filters.period),
        (standing_in_sql(today), filters.standing),
    )  # fmt: skip
    for column, value in wanted:
        if value is not None:
            statement = statement.where(column == value)
    for kind, code in (("agency", filters.agency), ("unit", filters.unit)):
        if code is not None:
            statement = statement.where(c.contributor_kind == kind, c.contributor == code)
    if at.after is not None:
        statement = statement.where(sa.tuple_(c.due_on, c.id) > cursor_key(at.after, date.fromisoformat, UUID))
    return (await session.execute(statement)).all()


async def read_trail(session: AsyncSession, contribution: UUID) -> Sequence[Any]:
    own = sa.select(event_table).where(event_table.c.contribution == contribution)
    return (await session.execute(own.order_by(event_table.c.recorded_at, event_table.c.id))).all()


async def read_submissions(session: AsyncSession, contribution: UUID) -> Sequence[Any]:
    own = sa.select(submission_table).where(submission_table.c.contribution == contribution)
    return (await session.execute(own.order_by(submission_table.c.number))).all()
