"""Raising actions: what they rest on, who owns them, and what every step of theirs needs (R05)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.actions.errors import FindingNotFinal, NothingToFollow
from services.audit_api.actions.queries import (
    actions,
    due_dates,
    evidence,
    lock_action,
    read_findings,
)
from services.audit_api.actions.rendering import NO_GOOD
from services.audit_api.actions.schemas import ActionIn, EvidenceIn, OwnerIn
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
    check_owner(body.owner, roles)
    screen({"/title": body.title}, "refuse")
    screen({"/text": body.text}, words)
    given = list(body.evidence)
    if body.finding is not None:
        given = [EvidenceIn(kind="finding", ref=str(body.finding)), *given]
    # Before the audits are held, as an erasure takes them: in the other order the two would wait for each other.
    if body.follow_up_of is not None:
        await _check_followed(session, caller, body.follow_up_of)
    unit = await check_findings(session, caller, body.finding, given) or body.unit
    assert unit is not None
    if body.unit is not None or body.finding is None:
        unit = body.unit or unit
        await check_unit(session, caller, unit, "/unit", on=local_date(now))
    action = new_id()
    raised_on = _raised_on(caller, body, now)
    row = {
        "id": action, "finding_id": body.finding, "follow_up_of": body.follow_up_of, "unit": unit,
        "title": body.title, "detail": body.text,
        "body": body.body, "owner_role": body.owner.role, "owner_subject": body.owner.subject,
        "owner_post": body.owner.post, "original_due_on": body.due_on, "due_on": body.due_on, "status": "open",
        "raised_on": raised_on, "raised_by": caller.subject, "version": 1,
    }  # fmt: skip
    await session.execute(sa.insert(actions), row)
    await add_due_date(session, caller, action, 1, body.due_on, None, now)
    await add_evidence(session, action, "basis", given)
    await record_activity(
        session, caller, "action.raised", "action", action, content=body.model_dump(mode="json"), unit=unit,
        data={"body": body.body, "due_on": body.due_on.isoformat(), "evidence": len(given)},
    )  # fmt: skip
    return action


def check_owner(owner: OwnerIn, roles: frozenset[str]) -> None:
    """Raises Malformed for a role the framework does not have."""
    if owner.role is not None and owner.role not in roles:
        fault = Fault("/owner/role", "unknown_code", "this is not the code of a role of the framework")
        raise Malformed("The owner cannot be used; see errors.", errors=[fault])


async def _check_followed(session: AsyncSession, caller: Caller, followed: UUID) -> None:
    """What is followed lies within reach and was closed without a good effect."""
    row = await lock_action(session, caller, followed)
    if row is None:
        fault = Fault("/follow_up_of", "unknown_action", "there is no such action that this caller may use")
        raise Malformed("The action it follows cannot be used; see errors.", errors=[fault])
    if row.status != "closed" or row.impact not in NO_GOOD:
        raise NothingToFollow()


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


async def held_action(session: AsyncSession, caller: Caller, action: UUID, match: IfMatch) -> sa.Row[Any]:
    """The action locked, at a version the caller has seen."""
    held = await lock_action(session, caller, action)
    if held is None:
        raise NotFound()
    match.check(held.version)
    return held


async def change(session: AsyncSession, held: sa.Row[Any], **changed: Any) -> None:
    """Change what is held, under its next version."""
    changed["version"] = held.version + 1
    await session.execute(sa.update(actions).where(actions.c.id == held.id).values(changed))


async def check_findings(
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


async def add_due_date(
    session: AsyncSession,
    caller: Caller,
    action: UUID,
    position: int,
    due_on: date,
    reason: str | None,
    now: datetime,
) -> None:
    """Keep a due date in the history."""
    row = {
        "action_id": action, "position": position, "due_on": due_on, "reason": reason,
        "set_by": caller.subject, "set_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(due_dates), row)


async def add_evidence(session: AsyncSession, action: UUID, stage: str, given: Sequence[EvidenceIn]) -> None:
    """Keep what an action rests on or what shows its effect."""
    rows = [
        {"action_id": action, "stage": stage, "position": place, "kind": one.kind, "ref": one.ref, "note": one.note}
        for place, one in enumerate(given)
    ]
    if rows:
        await session.execute(sa.insert(evidence), rows)


async def next_position(session: AsyncSession, table: sa.Table, action: UUID) -> int:
    """The next place in one of an action's histories, which are counted from 1."""
    last = sa.select(sa.func.coalesce(sa.func.max(table.c.position), 0)).where(table.c.action_id == action)
    return int((await session.execute(last)).scalar_one()) + 1
