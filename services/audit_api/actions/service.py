"""The rules of actions: what they rest on, who completes them, and that re-dating hides nothing (R05, R42)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.actions.errors import (
    ActionClosed,
    ActionNotCompleted,
    ActionNotOpen,
    FindingNotFinal,
    ImpactNeeded,
    NotTheOwner,
)
from services.audit_api.actions.queries import (
    actions,
    due_dates,
    evidence,
    lock_action,
    read_findings,
)
from services.audit_api.actions.rendering import owns
from services.audit_api.actions.schemas import ActionIn, ClosureIn, CompletionIn, DueDateEdit, EvidenceIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.auth.roles import read_roles
from shared.clock import local_date
from shared.etags import IfMatch
from shared.free_text import Mode, screen
from shared.ids import new_id
from shared.organisation.units import check_unit
from shared.problems import Fault, Forbidden, Malformed, NotFound


@lru_cache(maxsize=8)
def known_roles(path: Path) -> frozenset[str]:
    """The codes of the roles file, which changes only with a deployment."""
    return frozenset(read_roles(path).roles)


async def raise_action(
    session: AsyncSession, caller: Caller, body: ActionIn, roles: frozenset[str], words: Mode, now: datetime
) -> UUID:
    """Raise an action from a finding or on other evidence."""
    if body.owner.role is not None and body.owner.role not in roles:
        fault = Fault("/owner/role", "unknown_code", "this is not the code of a role of the framework")
        raise Malformed("The owner cannot be used; see errors.", errors=[fault])
    screen({"/title": body.title}, "refuse")
    screen({"/text": body.text}, words)
    given = list(body.evidence)
    if body.finding is not None:
        given = [EvidenceIn(kind="finding", ref=str(body.finding)), *given]
    unit = await _check_findings(session, caller, body.finding, given) or body.unit
    assert unit is not None
    if body.unit is not None or body.finding is None:
        unit = body.unit or unit
        await check_unit(session, caller, unit, "/unit", on=local_date(now))
    action = new_id()
    raised_on = _raised_on(caller, body, now)
    row = {
        "id": action, "finding_id": body.finding, "unit": unit, "title": body.title, "detail": body.text,
        "body": body.body, "owner_role": body.owner.role, "owner_subject": body.owner.subject,
        "owner_post": body.owner.post, "original_due_on": body.due_on, "due_on": body.due_on, "status": "open",
        "raised_on": raised_on, "raised_by": caller.subject, "version": 1,
    }  # fmt: skip
    await session.execute(sa.insert(actions), row)
    await _add_due_date(session, caller, action, 1, body.due_on, None, now)
    await _add_evidence(session, action, "basis", given)
    await record_activity(
        session, caller, "action.raised", "action", action, content=body.model_dump(mode="json"), unit=unit,
        data={"body": body.body, "due_on": body.due_on.isoformat(), "evidence": len(given)},
    )  # fmt: skip
    return action


def _raised_on(caller: Caller, body: ActionIn, now: datetime) -> date:
    today = local_date(now)
    if body.raised_on is None or body.raised_on == today:
        return today
    if body.raised_on > today:
        fault = Fault("/raised_on", "in_future", "give a day that is not after today")
        raise Malformed("An action cannot have been raised in the future.", errors=[fault])
    if not caller.may("audit:manage"):
        needed = "Recording an action under an earlier day needs the scope audit:manage."
        raise Forbidden(needed, needed_scope="audit:manage")
    return body.raised_on


async def redate_action(
    session: AsyncSession, caller: Caller, action: UUID, body: DueDateEdit, match: IfMatch, now: datetime
) -> None:
    """Agree another due date; the same one again changes nothing."""
    held = await _held(session, caller, action, match)
    if held.status != "open":
        raise ActionNotOpen()
    if held.due_on == body.due_on:
        return
    last = sa.select(sa.func.max(due_dates.c.position)).where(due_dates.c.action_id == action)
    position = (await session.execute(last)).scalar_one() + 1
    await _add_due_date(session, caller, action, position, body.due_on, body.reason, now)
    await _change(session, held, due_on=body.due_on)
    await record_activity(
        session, caller, "action.redated", "action", action, content=body.reason, unit=held.unit,
        data={"from": held.due_on.isoformat(), "to": body.due_on.isoformat(), "times": position - 1},
    )  # fmt: skip


async def complete_action(
    session: AsyncSession, caller: Caller, action: UUID, body: CompletionIn, match: IfMatch, now: datetime
) -> None:
    """The owner says it is done."""
    held = await _held(session, caller, action, match)
    if held.status != "open":
        raise ActionNotOpen()
    if not owns(held, caller):
        raise NotTheOwner()
    done = {"status": "completed", "completed_on": local_date(now), "completed_by": caller.subject}
    await _change(session, held, **done, completion_note=body.note)
    await record_activity(
        session, caller, "action.completed", "action", action, content=body.note, unit=held.unit, data={}
    )


async def close_action(
    session: AsyncSession, caller: Caller, action: UUID, body: ClosureIn, match: IfMatch, now: datetime
) -> None:
    """Close with the difference it made, or put that off until a review date."""
    held = await _held(session, caller, action, match)
    if held.status == "closed":
        raise ActionClosed()
    if held.status != "completed":
        raise ActionNotCompleted()
    _check_impact(body, local_date(now))
    await _check_findings(session, caller, None, body.evidence)
    if body.review_on is not None:
        await _change(session, held, review_on=body.review_on)
        deed, data = "action.review_set", {"review_on": body.review_on.isoformat()}
    else:
        await _add_evidence(session, action, "impact", body.evidence)
        closed = {"status": "closed", "closed_on": local_date(now), "closed_by": caller.subject}
        await _change(session, held, **closed, impact=body.impact, impact_note=body.note, review_on=None)
        deed, data = "action.closed", {"impact": str(body.impact)}
    await record_activity(
        session, caller, deed, "action", action, content=body.model_dump(mode="json"), unit=held.unit, data=data
    )


def _check_impact(body: ClosureIn, today: date) -> None:
    if body.review_on is not None:
        if body.review_on <= today:
            fault = Fault("/review_on", "not_in_future", "give a day after today")
            raise Malformed("A review lies ahead.", errors=[fault])
        return
    if body.impact is None:
        fault = Fault("/impact", "required", "give the impact, or review_on for the day it will be looked at")
        raise ImpactNeeded("See errors.", errors=[fault])
    if body.impact == "not_assessable" and body.note is None:
        fault = Fault("/note", "required", "say why the impact cannot be assessed")
        raise ImpactNeeded("See errors.", errors=[fault])
    if body.impact != "not_assessable" and not body.evidence:
        fault = Fault("/evidence", "required", "name at least one thing that shows the impact")
        raise ImpactNeeded("See errors.", errors=[fault])


async def _held(session: AsyncSession, caller: Caller, action: UUID, match: IfMatch) -> sa.Row[Any]:
    held = await lock_action(session, caller, action)
    if held is None:
        raise NotFound()
    match.check(held.version)
    return held


async def _change(session: AsyncSession, held: sa.Row[Any], **changed: Any) -> None:
    changed["version"] = held.version + 1
    await session.execute(sa.update(actions).where(actions.c.id == held.id).values(changed))


async def _check_findings(
    session: AsyncSession, caller: Caller, own: UUID | None, given: Sequence[EvidenceIn]
) -> str | None:
    """Findings named as evidence exist within reach and are final; answers the unit of the action's own."""
    offset = 0 if own is None else 1
    named: dict[str, UUID] = {}
    faults = []
    for place, one in enumerate(given):
        pointer = "/finding" if place < offset else f"/evidence/{place - offset}/ref"
        if one.kind == "finding":
            try:
                named[pointer] = UUID(one.ref)
            except ValueError:
                faults.append(Fault(pointer, "unknown_finding", "give the id of a finding"))
    found = await read_findings(session, caller, list(named.values())) if named else {}
    faults += [
        Fault(pointer, "unknown_finding", "there is no such finding that this caller may use")
        for pointer, finding in named.items()
        if finding not in found
    ]
    if faults:
        raise Malformed("A finding cannot be used; see errors.", errors=faults)
    if any(row.submitted_on is None for row in found.values()):
        raise FindingNotFinal()
    return None if own is None else str(found[own].unit)


async def _add_due_date(
    session: AsyncSession,
    caller: Caller,
    action: UUID,
    position: int,
    due_on: date,
    reason: str | None,
    now: datetime,
) -> None:
    row = {
        "action_id": action, "position": position, "due_on": due_on, "reason": reason,
        "set_by": caller.subject, "set_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(due_dates), row)


async def _add_evidence(session: AsyncSession, action: UUID, stage: str, given: Sequence[EvidenceIn]) -> None:
    rows = [
        {"action_id": action, "stage": stage, "position": place, "kind": one.kind, "ref": one.ref, "note": one.note}
        for place, one in enumerate(given)
    ]
    if rows:
        await session.execute(sa.insert(evidence), rows)
