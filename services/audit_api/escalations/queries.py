"""Reading escalations: within reach, and never by a subject who has not been told where the policy hides them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.escalating import escalations, events
from services.audit_api.escalation_reach import line_of, visible
from services.audit_api.models import Audit, AuditFinding
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.extracts.instants import read_instant
from shared.paging import Cursor, cursor_key

_findings, _audits = table_of(AuditFinding), table_of(Audit)

_event = sa.func.jsonb_build_object(*(part for column in events.c for part in (column.name, column)))
_history = (
    sa.select(sa.func.jsonb_agg(aggregate_order_by(_event, events.c.position)))
    .where(events.c.escalation_id == escalations.c.id)
    .correlate(escalations)
    .scalar_subquery()
    .label("history")
)
_run_out = (
    sa.select(sa.func.count())
    .where(events.c.escalation_id == escalations.c.id, events.c.kind == "moved_by_clock")
    .correlate(escalations)
    .scalar_subquery()
    .label("run_out")
)
# A draft's findings are written anew at each save; the one that raised this is found by what it names.
_finding = (
    sa.select(sa.cast(_findings.c.id, sa.Text))
    .where(_findings.c.audit_id == escalations.c.audit_id, _findings.c.escalation_id == escalations.c.id)
    .limit(1)
    .correlate(escalations)
    .scalar_subquery()
)
_row = sa.select(escalations, _run_out, sa.func.coalesce(escalations.c.about_reference, _finding).label("reference"))
_whole = _row.add_columns(_history)


async def read_escalation(
    session: AsyncSession, caller: Caller, escalation: UUID, line: frozenset[str]
) -> sa.Row[Any] | None:
    """The escalation with its history; None where there is none this caller may see."""
    within = await visible(session, caller, line)
    return (await session.execute(_whole.where(escalations.c.id == escalation, within))).one_or_none()


async def lock_escalation(
    session: AsyncSession, caller: Caller, escalation: UUID, line: frozenset[str]
) -> sa.Row[Any] | None:
    """Its own row, held until the transaction ends."""
    within = await visible(session, caller, line)
    statement = sa.select(escalations).where(escalations.c.id == escalation, within)
    return (await session.execute(statement.with_for_update(of=escalations))).one_or_none()


async def list_escalations(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    now: datetime,
    *,
    status: str | None,
    units: frozenset[str] | None,
    level: int | None,
    policy: str | None,
    about: str | None,
) -> Sequence[sa.Row[Any]]:
    """A page of escalations, those first whose present level is over soonest."""
    statement = _row.where(await visible(session, caller, await line_of(session, caller)))
    if status == "overdue":
        ran_out = sa.or_(escalations.c.due_at <= now, _run_out.element > 0)
        statement = statement.where(escalations.c.status == "open", ran_out)
    elif status is not None:
        statement = statement.where(escalations.c.status == status)
    if units is not None:
        statement = statement.where(escalations.c.unit.in_(sorted(units)))
    for column, wanted in (("level", level), ("policy", policy), ("about", about)):
        if wanted is not None:
            statement = statement.where(escalations.c[column] == wanted)
    if at.after is not None:
        last = (sa.literal(part) for part in cursor_key(at.after, read_instant, UUID))
        statement = statement.where(sa.tuple_(escalations.c.due_at, escalations.c.id) > sa.tuple_(*last))
    ordered = statement.order_by(escalations.c.due_at, escalations.c.id).limit(at.fetch)
    return (await session.execute(ordered)).all()


async def audit_named(session: AsyncSession, caller: Caller, kind: str, wanted: UUID) -> tuple[UUID, str] | None:
    """The id and unit of an audit, or of the audit a finding stands in; None out of reach."""
    within = await reached(session, caller, _audits.c.unit, _audits.c.auditor)
    statement = sa.select(_audits.c.id, _audits.c.unit).where(within)
    if kind == "audit":
        statement = statement.where(_audits.c.id == wanted)
    else:
        statement = statement.where(sa.exists().where(_findings.c.id == wanted, _findings.c.audit_id == _audits.c.id))
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else (found.id, found.unit)
