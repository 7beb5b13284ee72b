"""Steps while an action is open: other dates, another owner, notes, and its owner's word that it is done (R42)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.actions.errors import ActionClosed, ActionNotOpen, NotTheOwner
from services.audit_api.actions.queries import due_dates, lock_action, notes, past_owners
from services.audit_api.actions.rendering import ENDED, owns
from services.audit_api.actions.service import add_due_date, change, check_owner, held_action, next_position
from services.audit_api.actions.step_schemas import CompletionIn, DueDateEdit, NoteIn, OwnerEdit
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.free_text import Mode, screen
from shared.problems import NotFound


async def redate_action(
    session: AsyncSession, caller: Caller, action: UUID, body: DueDateEdit, match: IfMatch, words: Mode, now: datetime
) -> None:
    """Agree another due date; the same one again changes nothing."""
    held = await held_action(session, caller, action, match)
    if held.status != "open":
        raise ActionNotOpen()
    if held.due_on == body.due_on:
        return
    screen({"/reason": body.reason}, words)
    position = await next_position(session, due_dates, action)
    await add_due_date(session, caller, action, position, body.due_on, body.reason, now)
    await change(session, held, due_on=body.due_on)
    await record_activity(
        session, caller, "action.redated", "action", action, content=body.reason, unit=held.unit,
        data={"from": held.due_on.isoformat(), "to": body.due_on.isoformat(), "times": position - 1},
    )  # fmt: skip


async def complete_action(
    session: AsyncSession, caller: Caller, action: UUID, body: CompletionIn, match: IfMatch, words: Mode, now: datetime
) -> None:
    """The owner says it is done."""
    held = await held_action(session, caller, action, match)
    if held.status != "open":
        raise ActionNotOpen()
    if not owns(held, caller):
        raise NotTheOwner()
    screen({"/note": body.note or ""}, words)
    done = {"status": "completed", "completed_on": local_date(now), "completed_by": caller.subject}
    await change(session, held, **done, completion_note=body.note)
    await record_activity(
        session, caller, "action.completed", "action", action, content=body.note, unit=held.unit, data={}
    )


async def reassign_action(
    session: AsyncSession,
    caller: Caller,
    action: UUID,
    body: OwnerEdit,
    match: IfMatch,
    roles: frozenset[str],
    words: Mode,
    now: datetime,
) -> None:
    """Give an open action to another owner; the one before is kept."""
    held = await held_action(session, caller, action, match)
    if held.status != "open":
        raise ActionNotOpen()
    check_owner(body.owner, roles)
    screen({"/reason": body.reason}, words)
    before = {
        "action_id": action, "position": await next_position(session, past_owners, action), "role": held.owner_role,
        "subject": held.owner_subject, "post": held.owner_post, "reason": body.reason,
        "changed_by": caller.subject, "changed_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(past_owners), before)
    owner = body.owner
    await change(session, held, owner_role=owner.role, owner_subject=owner.subject, owner_post=owner.post)
    await record_activity(
        session, caller, "action.reassigned", "action", action, content=body.model_dump(mode="json"), unit=held.unit,
        data={"role": owner.role},
    )  # fmt: skip


async def add_note(
    session: AsyncSession, caller: Caller, action: UUID, body: NoteIn, words: Mode, now: datetime
) -> None:
    """Say how it is coming along; what was written before stays."""
    held = await lock_action(session, caller, action)
    if held is None:
        raise NotFound()
    if held.status in ENDED:
        raise ActionClosed()
    screen({"/text": body.text}, words)
    row = {
        "action_id": action, "position": await next_position(session, notes, action), "body": body.text,
        "written_by": caller.subject, "written_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(notes), row)
    await change(session, held)
    await record_activity(session, caller, "action.noted", "action", action, content=body.text, unit=held.unit, data={})
