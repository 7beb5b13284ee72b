"""Reading plans with the standing of their key actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import untold_actions
from services.audit_api.models import Action, ActionEvidence, ActionPlan, ActionPlanItem
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.paging import Cursor, cursor_key

plans, items, actions = table_of(ActionPlan), table_of(ActionPlanItem), table_of(Action)
_evidence = table_of(ActionEvidence)
_basis = (
    sa.select(sa.func.count())
    .where(_evidence.c.action_id == actions.c.id, _evidence.c.stage == "basis")
    .correlate(actions)
    .scalar_subquery()
    .label("evidence")
)


def _overdue(today: date) -> sa.ColumnElement[bool]:
    return sa.and_(actions.c.status == "open", sa.func.least(actions.c.due_on, actions.c.original_due_on) < today)


def _rows(today: date) -> sa.Select[tuple[Any, ...]]:
    def number(*when: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(actions.c.id).filter(*when)

    standing = [
        number(actions.c.status == status).label(status)
        for status in ("open", "completed", "verified", "closed", "cancelled")
    ]
    joined = plans.outerjoin(items, items.c.plan_id == plans.c.id).outerjoin(actions, actions.c.id == items.c.action_id)
    return (
        sa.select(plans, *standing, number(_overdue(today)).label("overdue")).select_from(joined).group_by(plans.c.id)
    )


async def read_plan(session: AsyncSession, caller: Caller, plan: UUID, today: date) -> sa.Row[Any] | None:
    """The plan with its counts; None where there is none within reach."""
    within = await reached(session, caller, plans.c.unit, plans.c.created_by)
    row: sa.Row[Any] | None = (await session.execute(_rows(today).where(plans.c.id == plan, within))).one_or_none()
    return row


async def lock_plan(session: AsyncSession, caller: Caller, plan: UUID) -> sa.Row[Any] | None:
    """The plan's own row, held until the transaction ends."""
    within = await reached(session, caller, plans.c.unit, plans.c.created_by)
    return (await session.execute(sa.select(plans).where(plans.c.id == plan, within).with_for_update())).one_or_none()


async def list_plans(
    session: AsyncSession,
    caller: Caller,
    at: Cursor,
    today: date,
    *,
    units: frozenset[str] | None,
    body: str | None,
    period: str | None,
) -> Sequence[sa.Row[Any]]:
    """A page of plans, newest first."""
    statement = _rows(today).where(await reached(session, caller, plans.c.unit, plans.c.created_by))
    if units is not None:
        statement = statement.where(plans.c.unit.in_(sorted(units)))
    for column, value in ((plans.c.body, body), (plans.c.period, period)):
        if value is not None:
            statement = statement.where(column == value)
    if at.after is not None:
        statement = statement.where(plans.c.id < cursor_key(at.after, UUID)[0])
    rows: Sequence[sa.Row[Any]] = (await session.execute(statement.order_by(plans.c.id.desc()).limit(at.fetch))).all()
    return rows


async def key_actions(session: AsyncSession, caller: Caller, plan: UUID, today: date) -> Sequence[sa.Row[Any]]:
    """The key actions of a plan, by their original due dates."""
    statement = (
        sa.select(actions, _basis, _overdue(today).label("overdue"))
        .join(items, items.c.action_id == actions.c.id)
        .where(items.c.plan_id == plan, untold_actions(caller))
        .order_by(actions.c.original_due_on, actions.c.id)
    )
    return (await session.execute(statement)).all()


async def read_action(session: AsyncSession, caller: Caller, action: UUID) -> sa.Row[Any] | None:
    """An action within reach, held, with how much it rests on."""
    within = await reached(session, caller, actions.c.unit, actions.c.owner_subject, actions.c.raised_by)
    statement = sa.select(actions, _basis).where(actions.c.id == action, within)
    return (await session.execute(statement.with_for_update(read=True, of=actions))).one_or_none()
