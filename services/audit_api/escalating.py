"""Raising an escalation, from an audit too, and the clock of each of its levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.escalation_models import Escalation, EscalationEvent
from services.audit_api.models import AuditFinding
from services.audit_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date, local_midnight
from shared.framework.store import read_items
from shared.ids import new_id
from shared.problems import BrokenRule
from shared.schemas.framework.escalation import EscalationLevel, EscalationPolicy
from shared.working_days import add_working_days

escalations, events = table_of(Escalation), table_of(EscalationEvent)
_findings = table_of(AuditFinding)
POLICIES = "escalation_policies"


class NobodyToCall(BrokenRule):
    """No policy is marked for immediate concerns, so nobody was called. Call the duty manager now; have one applied."""

    slug, title = "nobody-to-call", "There is no policy for an immediate concern"


@dataclass(frozen=True, slots=True)
class Move:
    """A level that began when the one before ran out of time."""

    level: int
    since: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A concern that was escalated before: where it stands among the findings, None where it does so no more."""

    escalation: UUID
    title: str
    open: bool
    position: int | None


@dataclass(frozen=True, slots=True)
class Called:
    """An escalation of an audit and who is to be called about it now."""

    id: UUID
    status: str
    level: int
    role: str
    call: str
    due_at: datetime


def level_due(level: EscalationLevel, since: datetime) -> datetime:
    """When a level's time is over: at the end of its last working day, or to the minute where it has hours."""
    if level.hours is not None:
        return since + timedelta(hours=level.hours)
    assert level.working_days is not None
    # A level that begins at midnight, as the one below ends, has the day that then begins as its first.
    day = local_date(since - timedelta.resolution)
    return local_midnight(add_working_days(day, level.working_days) + timedelta(days=1))


def level_above(policy: EscalationPolicy, level: int, against_role: str | None) -> int | None:
    """The next level up, passing over the post the concern is against."""
    for place, above in enumerate(policy.levels[level:], level + 1):
        if above.role != against_role:
            return place
    return None


def moves_due(
    policy: EscalationPolicy, against_role: str | None, level: int, due_at: datetime, now: datetime
) -> list[Move]:
    """The levels it has gone up by itself since, one for each whose time was over."""
    moves: list[Move] = []
    while policy.moves_by_clock and due_at <= now:
        above = level_above(policy, level, against_role)
        if above is None:
            break
        level, since = above, due_at
        due_at = level_due(policy.levels[level - 1], since)
        moves.append(Move(level, since, due_at))
    return moves


async def raise_escalation(
    session: AsyncSession, caller: Caller, policy: EscalationPolicy, level: int, given: Mapping[str, Any], now: datetime
) -> UUID:
    """Store an escalation at a level of its policy; `given` is what it is about, against whom, and why."""
    due_at = level_due(policy.levels[level - 1], now)
    row = {
        "id": new_id(), "policy": policy.code, "rules": policy.model_dump(mode="json"), "immediate": False,
        "level": level, "due_at": due_at, "status": "open", "raised_by": caller.subject, "raised_at": now,
        "version": 1, **given,
    }  # fmt: skip
    await session.execute(sa.insert(escalations), row)
    event = {
        "escalation_id": row["id"], "position": 1, "kind": "raised", "level": level, "due_at": due_at,
        "words": row.get("reason"), "happened_at": now, "done_by": caller.subject,
    }  # fmt: skip
    await session.execute(sa.insert(events), event)
    data = {
        "policy": policy.code, "about": row["about"], "immediate": row["immediate"], "level": level,
        "role": policy.levels[level - 1].role, "due_at": due_at.isoformat(),
    }  # fmt: skip
    await record_activity(
        session, caller, "escalation.raised", "escalation", row["id"], unit=row["unit"], data=data,
        content=[row["title"], row.get("reason")],
    )  # fmt: skip
    found: UUID = row["id"]
    return found


def match_concerns(concerns: Mapping[int, str], known: Sequence[Known]) -> tuple[dict[int, UUID], dict[int, UUID]]:
    """The concerns (title by place) that were escalated before: those that read the same, and those reworded.

    A concern is the same where its title is, or where it stands in the place of an open one whose title is gone.
    """
    same: dict[int, UUID] = {}
    for place, title in concerns.items():
        one = next((one for one in known if one.title == title and one.escalation not in same.values()), None)
        if one is not None:
            same[place] = one.escalation
    left = [one for one in known if one.open and one.escalation not in same.values()]
    standing = {one.position: one.escalation for one in left if one.position is not None}
    reworded = {place: standing[place] for place in concerns if place in standing and place not in same}
    return same, reworded


async def raise_concerns(
    session: AsyncSession, caller: Caller, audit: UUID, unit: str, concerns: Mapping[int, str], now: datetime
) -> dict[int, UUID]:
    """The escalation of each immediate concern of an audit, raised now where there is none; raises NobodyToCall."""
    if not concerns:
        return {}
    same, reworded = match_concerns(concerns, await _known(session, audit))
    for place, escalation in reworded.items():
        await _reword(session, caller, escalation, concerns[place], now)
    found = same | reworded
    new = [place for place in concerns if place not in found]
    policy = await _policy_for_concerns(session) if new else None
    for place in new:
        if policy is None:
            raise NobodyToCall()
        given = {
            "about": "finding", "audit_id": audit, "unit": unit, "title": concerns[place], "immediate": True,
            "against_unit": unit,
        }  # fmt: skip
        found[place] = await raise_escalation(session, caller, policy, 1, given, now)
    return found


async def _policy_for_concerns(session: AsyncSession) -> EscalationPolicy | None:
    policies = [EscalationPolicy.model_validate_json(to_json(one)) for one in await read_items(session, POLICIES)]
    return next((policy for policy in policies if policy.immediate_concerns), None)


async def _known(session: AsyncSession, audit: UUID) -> list[Known]:
    standing = sa.and_(_findings.c.audit_id == audit, _findings.c.escalation_id == escalations.c.id)
    statement = (
        sa.select(escalations.c.id, escalations.c.title, escalations.c.status, _findings.c.position)
        .outerjoin(_findings, standing)
        .where(escalations.c.audit_id == audit, escalations.c.immediate)
        .order_by(escalations.c.id)
    )
    rows = (await session.execute(statement)).all()
    return [Known(row.id, row.title, row.status == "open", row.position) for row in rows]


async def _reword(session: AsyncSession, caller: Caller, escalation: UUID, title: str, now: datetime) -> None:
    """Keep the new words and tell whoever was called, since they may say more than the old ones."""
    changed = {"title": title, "version": escalations.c.version + 1}
    statement = sa.update(escalations).where(escalations.c.id == escalation).values(changed).returning(escalations)
    held = (await session.execute(statement)).one()
    await add_event(session, caller, held, "reworded", now, words=title)
    await record_activity(
        session, caller, "escalation.reworded", "escalation", escalation, content=title, unit=held.unit,
        data={"policy": held.policy, "level": held.level},
    )  # fmt: skip


async def add_event(
    session: AsyncSession,
    caller: Caller,
    held: sa.Row[Any],
    kind: str,
    at: datetime,
    *,
    level: int | None = None,
    due_at: datetime | None = None,
    words: str | None = None,
) -> None:
    """Add to an escalation's history; its row is locked by whoever calls this."""
    last = sa.select(sa.func.max(events.c.position)).where(events.c.escalation_id == held.id).scalar_subquery()
    row = {
        "escalation_id": held.id, "position": last + 1, "kind": kind, "level": level or held.level, "due_at": due_at,
        "words": words, "happened_at": at, "done_by": caller.subject,
    }  # fmt: skip
    await session.execute(sa.insert(events).values(row))


async def called_about(session: AsyncSession, wanted: Sequence[UUID], now: datetime) -> list[Called]:
    """The escalations of an audit's concerns, with who is to be called at the level each has come to."""
    statement = sa.select(escalations).where(escalations.c.id.in_(wanted)).order_by(escalations.c.id)
    found = []
    for row in (await session.execute(statement)).all():
        policy = policy_of(row)
        level, due_at = standing_of(row, policy, now)
        at = policy.levels[level - 1]
        found.append(Called(row.id, row.status, level, at.role, at.call, due_at))
    return found


def policy_of(row: Any) -> EscalationPolicy:
    """The policy as it stood when the escalation was raised."""
    return EscalationPolicy.model_validate_json(to_json(row.rules))


def standing_of(row: Any, policy: EscalationPolicy, now: datetime) -> tuple[int, datetime]:
    """The level an escalation stands at, and until when: an open one has gone up by itself as its clocks ran out."""
    moves = moves_due(policy, row.against_role, row.level, row.due_at, now) if row.status == "open" else []
    return (moves[-1].level, moves[-1].due_at) if moves else (row.level, row.due_at)
