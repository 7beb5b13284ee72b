"""The rules of plans: key actions are few, and each rests on evidence (R44)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.plans.errors import KeyActionEnded, KeyActionWithoutEvidence, TooManyKeyActions
from services.audit_api.plans.queries import actions, items, key_actions, lock_plan, plans, read_action, read_plan
from services.audit_api.plans.schemas import (
    ActionPlanOut,
    KeyActionOut,
    PlanEdit,
    PlanIn,
    PlanProgress,
    PlanRow,
    PlanStatus,
)
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.free_text import screen
from shared.ids import new_id
from shared.organisation.units import check_unit, units_below
from shared.problems import Fault, Malformed, NotFound


async def make_plan(session: AsyncSession, caller: Caller, body: PlanIn, now: datetime) -> UUID:
    """An empty plan that declares how many key actions it may have."""
    screen({"/title": body.title}, "refuse")
    await check_unit(session, caller, body.unit, "/unit", on=local_date(now))
    plan = new_id()
    row = {"id": plan, **body.model_dump(), "created_by": caller.subject, "created_at": now, "version": 1}
    await session.execute(sa.insert(plans), row)
    await record_activity(
        session, caller, "plan.made", "plan", plan, content=body.model_dump(mode="json"), unit=body.unit,
        data={"period": body.period, "max_key_actions": body.max_key_actions},
    )  # fmt: skip
    return plan


async def edit_plan(session: AsyncSession, caller: Caller, plan: UUID, body: PlanEdit, match: IfMatch) -> None:
    """Change the title or the limit."""
    screen({"/title": body.title}, "refuse")
    held = await _held(session, caller, plan, match)
    if await _number(session, plan) > body.max_key_actions:
        raise TooManyKeyActions("The plan has more key actions than that already.")
    await _change(session, held, **body.model_dump())
    await record_activity(
        session, caller, "plan.changed", "plan", plan, content=body.model_dump(mode="json"), unit=held.unit,
        data={"from": held.max_key_actions, "to": body.max_key_actions},
    )  # fmt: skip


async def add_key_action(
    session: AsyncSession, caller: Caller, plan: UUID, action: UUID, match: IfMatch, now: datetime
) -> None:
    """Put an action into a plan; one that is in it already changes nothing."""
    held = await _held(session, caller, plan, match)
    found = await read_action(session, caller, action)
    if found is None or found.unit not in await units_below(session, held.unit):
        fault = Fault("/action", "unknown_action", "there is no such action of the plan's unit or one below it")
        raise Malformed("The action cannot be used; see errors.", errors=[fault])
    there = sa.select(items.c.action_id).where(items.c.plan_id == plan, items.c.action_id == action)
    if (await session.execute(there)).first() is not None:
        return
    if found.status in ("closed", "cancelled"):
        raise KeyActionEnded()
    if found.evidence == 0:
        raise KeyActionWithoutEvidence()
    if await _number(session, plan) >= held.max_key_actions:
        raise TooManyKeyActions()
    row = {"plan_id": plan, "action_id": action, "added_by": caller.subject, "added_at": now}
    await session.execute(sa.insert(items), row)
    await _change(session, held)
    await record_activity(
        session, caller, "plan.key_action_added", "plan", plan, content=None, unit=held.unit,
        data={"action": str(action)},
    )  # fmt: skip


async def remove_key_action(session: AsyncSession, caller: Caller, plan: UUID, action: UUID, match: IfMatch) -> None:
    """Take an action out of a plan; the action itself stays."""
    held = await _held(session, caller, plan, match)
    gone = sa.delete(items).where(items.c.plan_id == plan, items.c.action_id == action).returning(items.c.action_id)
    if (await session.execute(gone)).first() is None:
        raise NotFound()
    await _change(session, held)
    await record_activity(
        session, caller, "plan.key_action_removed", "plan", plan, content=None, unit=held.unit,
        data={"action": str(action)},
    )  # fmt: skip


async def _number(session: AsyncSession, plan: UUID) -> int:
    """The key actions that count towards the limit: a cancelled one makes room."""
    statement = (
        sa.select(sa.func.count())
        .select_from(items.join(actions, actions.c.id == items.c.action_id))
        .where(items.c.plan_id == plan, actions.c.status != "cancelled")
    )
    return int((await session.execute(statement)).scalar_one())


async def _held(session: AsyncSession, caller: Caller, plan: UUID, match: IfMatch) -> sa.Row[Any]:
    held = await lock_plan(session, caller, plan)
    if held is None:
        raise NotFound()
    match.check(held.version)
    return held


async def _change(session: AsyncSession, held: sa.Row[Any], **changed: Any) -> None:
    changed["version"] = held.version + 1
    await session.execute(sa.update(plans).where(plans.c.id == held.id).values(changed))


def plan_row(row: Any) -> PlanRow:
    """A line of the list."""
    return PlanRow(**_shared(row))


async def plan_out(session: AsyncSession, caller: Caller, plan: UUID, today: date) -> ActionPlanOut:
    """The plan as it stands today; raises NotFound where there is none within reach."""
    row = await read_plan(session, caller, plan, today)
    if row is None:
        raise NotFound()
    shared = _shared(row)
    room = shared["progress"].key_actions < row.max_key_actions
    allowed = [name for name in ("edit", "add_key_action", "remove_key_action") if room or name != "add_key_action"]
    return ActionPlanOut(
        **shared,
        key_actions=[_key_action(one) for one in await key_actions(session, caller, plan, today)],
        created_by=row.created_by,
        created_at=row.created_at,
        allowed_actions=allowed if caller.may("audit:manage") else [],
    )


def _key_action(one: Any) -> KeyActionOut:
    names = [name for name in KeyActionOut.model_fields if name != "id"]
    return KeyActionOut(id=str(one.id), **{name: getattr(one, name) for name in names})


def _shared(row: Any) -> dict[str, Any]:
    names = ("open", "overdue", "completed", "verified", "closed", "cancelled")
    progress = PlanProgress(
        key_actions=row.open + row.completed + row.verified + row.closed, **{name: getattr(row, name) for name in names}
    )
    return {
        "id": str(row.id), "title": row.title, "unit": row.unit, "body": row.body, "period": row.period,
        "max_key_actions": row.max_key_actions, "status": _status(progress), "progress": progress,
        "version": row.version,
    }  # fmt: skip


def _status(progress: PlanProgress) -> PlanStatus:
    if progress.key_actions == 0:
        return "empty"
    if progress.overdue:
        return "overdue"
    return "done" if progress.closed == progress.key_actions else "under_way"
