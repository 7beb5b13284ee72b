"""Reading draws: within reach, and never one whose audits are to be kept from the caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Audit, CaseDraw, DrawnCase, DrawSource, OpenCaseList
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.paging import Cursor, cursor_key

draws, drawn_cases, audits = table_of(CaseDraw), table_of(DrawnCase), table_of(Audit)
sources, lists = table_of(DrawSource), table_of(OpenCaseList)

_replacements = (
    sa.select(sa.func.count())
    .where(drawn_cases.c.draw_id == draws.c.id, drawn_cases.c.replaces.is_not(None))
    .correlate(draws)
    .scalar_subquery()
    .label("replacements")
)


async def _within(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """Of a unit within reach, and with an audit the caller may know of: an unannounced one hides its draw (R30)."""
    known = sa.exists().where(
        drawn_cases.c.draw_id == draws.c.id,
        audits.c.id == drawn_cases.c.audit_id,
        await reached(session, caller, audits.c.unit),
    )
    return sa.and_(await reached(session, caller, draws.c.unit), known)


async def read_draw(session: AsyncSession, caller: Caller, draw: UUID, *, lock: bool = False) -> sa.Row[Any] | None:
    """The draw's own row; None where there is none within reach."""
    statement = sa.select(draws, _replacements).where(draws.c.id == draw, await _within(session, caller))
    if lock:
        statement = statement.with_for_update(of=draws)
    return (await session.execute(statement)).one_or_none()


async def list_draws(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    *,
    units: frozenset[str] | None,
    slot: UUID | None,
    of_round: UUID | None,
    audit: UUID | None,
) -> Sequence[sa.Row[Any]]:
    """A page of draws, newest first."""
    statement = sa.select(draws, _replacements).where(await _within(session, caller))
    if units is not None:
        statement = statement.where(draws.c.unit.in_(sorted(units)))
    if slot is not None:
        statement = statement.where(draws.c.slot_id == slot)
    if of_round is not None:
        statement = statement.where(draws.c.round_id == of_round)
    if audit is not None:
        of_audit = sa.exists().where(drawn_cases.c.draw_id == draws.c.id, drawn_cases.c.audit_id == audit)
        statement = statement.where(of_audit)
    if at.after is not None:
        statement = statement.where(draws.c.id < cursor_key(at.after, UUID)[0])
    return (await session.execute(statement.order_by(draws.c.id.desc()).limit(at.fetch))).all()


async def cases_of(session: AsyncSession, draw: UUID) -> Sequence[sa.Row[Any]]:
    """What was drawn, in order, with how each audit stands."""
    statement = (
        sa.select(drawn_cases, audits.c.status.label("audit_status"), audits.c.auditor, audits.c.auditor_unit,
                  audits.c.version.label("audit_version"))
        .join(audits, audits.c.id == drawn_cases.c.audit_id)
        .where(drawn_cases.c.draw_id == draw)
        .order_by(drawn_cases.c.position)
    )  # fmt: skip
    return (await session.execute(statement)).all()


async def sources_of(session: AsyncSession, draw: UUID) -> Sequence[sa.Row[Any]]:
    """The lists a draw was made from, by unit."""
    statement = sa.select(lists).join(sources, sources.c.list_id == lists.c.id).where(sources.c.draw_id == draw)
    return (await session.execute(statement.order_by(lists.c.unit))).all()
