"""The rules of escalations: raising, answering, going up, telling the subject, closing and withdrawing (R37, R38)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.escalating import (
    add_event,
    escalations,
    events,
    level_above,
    level_due,
    moves_due,
    policy_of,
)
from services.audit_api.escalation_reach import line_of
from services.audit_api.escalations.errors import (
    AnsweredAtLowerLevel,
    EscalationEnded,
    NoLevelAbove,
    NotOfThisLevel,
    NotTheirsToMove,
    NotTheRaiser,
    SubjectMayNotDecide,
    WithdrawalNotAllowed,
)
from services.audit_api.escalations.queries import lock_escalation
from services.audit_api.escalations.schemas import EscalationClosureIn
from services.audit_api.escalations.standing import closes, is_subject, moves
from shared.activity.record import record_activity
from shared.auth.caller import Caller, system_caller
from shared.etags import IfMatch
from shared.problems import NotFound
from shared.schemas.framework.escalation import EscalationPolicy

CLOCK = system_caller("escalations")


async def respond(
    session: AsyncSession, caller: Caller, escalation: UUID, text: str, match: IfMatch, now: datetime
) -> None:
    """Say something to it; its subject may too, and the clock goes on until it is closed."""
    held, _, _ = await _held(session, caller, escalation, match, now)
    await _change(session, caller, held, "answered", now, words=text)


async def move_up(
    session: AsyncSession, caller: Caller, escalation: UUID, reason: str, match: IfMatch, now: datetime
) -> None:
    """Take it to the next level before its time is over."""
    held, policy, line = await _held(session, caller, escalation, match, now)
    _check_may_move(held, policy, caller, line)
    above = level_above(policy, held.level, held.against_role)
    if above is None:
        raise NoLevelAbove()
    due_at = level_due(policy.levels[above - 1], now)
    await _change(session, caller, held, "moved", now, words=reason, level=above, due_at=due_at)


async def tell_subject(session: AsyncSession, caller: Caller, escalation: UUID, match: IfMatch, now: datetime) -> None:
    """Record that its subject was told, who sees it from then on; told again changes nothing."""
    held, policy, line = await _held(session, caller, escalation, match, now)
    _check_may_move(held, policy, caller, line)
    if held.subject_told_at is None:
        told = {"subject_told_at": now, "subject_told_by": caller.subject}
        await _change(session, caller, held, "subject_told", now, changed=told)


async def close(
    session: AsyncSession, caller: Caller, escalation: UUID, body: EscalationClosureIn, match: IfMatch, now: datetime
) -> None:
    """Close it with its outcome: a role of the present level, and never its subject."""
    held, policy, line = await _held(session, caller, escalation, match, now)
    if is_subject(held, caller, line):
        raise SubjectMayNotDecide()
    if not closes(policy, held.level, caller):
        raise NotOfThisLevel()
    answered = sa.select(sa.literal(1)).where(
        events.c.escalation_id == held.id, events.c.kind == "answered", events.c.level < held.level,
        events.c.done_by == caller.subject,
    )  # fmt: skip
    if (await session.execute(answered.limit(1))).first() is not None:
        raise AnsweredAtLowerLevel()
    ended = {"status": "closed", "outcome": body.outcome, "ended_at": now, "ended_by": caller.subject}
    await _change(session, caller, held, "closed", now, words=body.text, changed=ended)


async def withdraw(
    session: AsyncSession, caller: Caller, escalation: UUID, reason: str, match: IfMatch, now: datetime
) -> None:
    """Its raiser takes it back, where the policy allows that."""
    held, policy, _ = await _held(session, caller, escalation, match, now)
    if held.raised_by != caller.subject:
        raise NotTheRaiser()
    if not policy.withdrawable:
        raise WithdrawalNotAllowed()
    ended = {"status": "withdrawn", "ended_at": now, "ended_by": caller.subject}
    await _change(session, caller, held, "withdrawn", now, words=reason, changed=ended)


async def move_what_ran_out(session: AsyncSession, now: datetime) -> int:
    """Take up every escalation whose level ran out of time; how many there were."""
    goes_up = sa.and_(
        escalations.c.rules["moves_by_clock"].as_boolean(),
        escalations.c.level < sa.func.jsonb_array_length(escalations.c.rules["levels"]),
    )
    statement = (
        sa.select(escalations)
        .where(escalations.c.status == "open", escalations.c.due_at <= now, goes_up)
        .order_by(escalations.c.due_at)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.execute(statement)).all()
    for row in rows:
        await _gone_up(session, row, now)
    return len(rows)


async def _held(
    session: AsyncSession, caller: Caller, escalation: UUID, match: IfMatch, now: datetime
) -> tuple[sa.Row[Any], EscalationPolicy, frozenset[str]]:
    """The open escalation, locked at the version the caller saw, and at the level its clocks have brought it to."""
    line = await line_of(session, caller)
    held = await lock_escalation(session, caller, escalation, line)
    if held is None:
        raise NotFound()
    match.check(held.version)
    if held.status != "open":
        raise EscalationEnded()
    return await _gone_up(session, held, now), policy_of(held), line


async def _gone_up(session: AsyncSession, held: sa.Row[Any], now: datetime) -> sa.Row[Any]:
    for move in moves_due(policy_of(held), held.against_role, held.level, held.due_at, now):
        held = await _change(session, CLOCK, held, "moved_by_clock", move.since, level=move.level, due_at=move.due_at)
    return held


def _check_may_move(held: sa.Row[Any], policy: EscalationPolicy, caller: Caller, line: frozenset[str]) -> None:
    if is_subject(held, caller, line):
        raise SubjectMayNotDecide()
    if not moves(held, policy, held.level, caller):
        raise NotTheirsToMove()


async def _change(
    session: AsyncSession,
    caller: Caller,
    held: sa.Row[Any],
    kind: str,
    at: datetime,
    *,
    words: str | None = None,
    level: int | None = None,
    due_at: datetime | None = None,
    changed: dict[str, Any] | None = None,
) -> sa.Row[Any]:
    """Write down what happened, in the history and the activity log; the row as it stands after."""
    values = {"version": held.version + 1, **(changed or {})}
    if level is not None:
        values |= {"level": level, "due_at": due_at}
    statement = sa.update(escalations).where(escalations.c.id == held.id).values(values).returning(escalations)
    after: sa.Row[Any] = (await session.execute(statement)).one()
    await add_event(session, caller, after, kind, at, due_at=due_at, words=words)
    data = {
        "policy": after.policy, "immediate": after.immediate, "level": after.level,
        "role": policy_of(after).levels[after.level - 1].role, "due_at": after.due_at.isoformat(),
        "outcome": after.outcome,
    }  # fmt: skip
    await record_activity(
        session, caller, f"escalation.{kind}", "escalation", after.id, content=words, unit=after.unit, data=data
    )
    return after
