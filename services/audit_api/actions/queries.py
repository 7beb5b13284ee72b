"""Reading actions with their due dates and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import tells_of_findings
from services.audit_api.models import Action, ActionDueDate, ActionEvidence, Audit, AuditFinding
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.paging import Cursor, cursor_key

actions, due_dates, evidence = table_of(Action), table_of(ActionDueDate), table_of(ActionEvidence)
findings, audits = table_of(AuditFinding), table_of(Audit)

# Whoever raised an action follows it, an auditor from another unit too.
_GIVEN = (actions.c.owner_subject, actions.c.raised_by)


def _parts(table: sa.Table, *order: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    fields = [part for column in table.c if column.name != "action_id" for part in (column.name, column)]
    ordered = aggregate_order_by(sa.func.jsonb_build_object(*fields), *order)
    rows = sa.select(sa.func.jsonb_agg(ordered)).where(table.c.action_id == actions.c.id)
    return rows.correlate(actions).scalar_subquery()


_dates = (
    sa.select(sa.func.count())
    .select_from(due_dates)
    .where(due_dates.c.action_id == actions.c.id)
    .correlate(actions)
    .scalar_subquery()
    .label("dates")
)
_row = sa.select(actions, _dates)
_whole = _row.add_columns(
    _parts(due_dates, due_dates.c.position).label("due_dates"),
    _parts(evidence, evidence.c.stage, evidence.c.position).label("evidence"),
)


async def _within(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """An action on what an audit found tells of the audit, which who is still to grade it must not know."""
    within = await reached(session, caller, actions.c.unit, *_GIVEN)
    return sa.and_(within, sa.not_(tells_of_findings(caller)))


async def read_action(session: AsyncSession, caller: Caller, action: UUID) -> sa.Row[Any] | None:
    """The action with its history; None where there is none within reach."""
    within = await _within(session, caller)
    return (await session.execute(_whole.where(actions.c.id == action, within))).one_or_none()


async def lock_action(session: AsyncSession, caller: Caller, action: UUID) -> sa.Row[Any] | None:
    """The action's own row, held until the transaction ends."""
    within = await _within(session, caller)
    statement = sa.select(actions).where(actions.c.id == action, within).with_for_update(of=actions)
    return (await session.execute(statement)).one_or_none()


async def list_actions(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    today: date,
    *,
    status: str | None,
    body: str | None,
    units: frozenset[str] | None,
) -> Sequence[sa.Row[Any]]:
    """A page of actions, by their original due dates."""
    statement = _row.where(await _within(session, caller))
    if status == "overdue":
        late = sa.func.least(actions.c.due_on, actions.c.original_due_on) < today
        statement = statement.where(actions.c.status == "open", late)
    elif status is not None:
        statement = statement.where(actions.c.status == status)
    if body is not None:
        statement = statement.where(actions.c.body == body)
    if units is not None:
        statement = statement.where(actions.c.unit.in_(sorted(units)))
    if at.after is not None:
        last = (sa.literal(part) for part in cursor_key(at.after, date.fromisoformat, UUID))
        statement = statement.where(sa.tuple_(actions.c.original_due_on, actions.c.id) > sa.tuple_(*last))
    ordered = statement.order_by(actions.c.original_due_on, actions.c.id).limit(at.fetch)
    return (await session.execute(ordered)).all()


async def read_findings(session: AsyncSession, caller: Caller, wanted: Sequence[UUID]) -> dict[UUID, Any]:
    """The findings within reach, each with its audit's unit and whether that audit was submitted."""
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    statement = (
        sa.select(findings.c.id, audits.c.unit, audits.c.submitted_on)
        .join(audits, audits.c.id == findings.c.audit_id)
        .where(findings.c.id.in_(wanted), within)
    )
    return {row.id: row for row in (await session.execute(statement)).all()}
