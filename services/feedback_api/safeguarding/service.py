"""The rules of the duty queue: acknowledging, the outcome, opening again, and going up when nobody answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import add_event, flags, opened, read_policy
from services.feedback_api.safeguarding.errors import FlagDecided, FlagNotDecided
from services.feedback_api.safeguarding.queries import find_flag
from services.feedback_api.safeguarding.schemas import FlagOutcomeIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller, system_caller
from shared.clock import local_date, local_midnight
from shared.etags import IfMatch
from shared.logging import get_logger
from shared.schemas.framework.safeguarding import DutyPolicy
from shared.working_days import add_working_days

CLOCK = system_caller("safeguarding")
_log = get_logger(__name__)


def outcome_due(policy: DutyPolicy, since: datetime) -> datetime:
    """The end of the last working day for recording an outcome."""
    return local_midnight(add_working_days(local_date(since), policy.outcome_working_days) + timedelta(days=1))


async def acknowledge(session: AsyncSession, caller: Caller, flag_id: UUID, match: IfMatch, now: datetime) -> None:
    """Take a flag on, or over from whoever has it; the time for its outcome runs from the first who took it."""
    held = await _held(session, caller, flag_id, match)
    if held["status"] == "decided":
        raise FlagDecided()
    if held["acknowledged_by"] == caller.subject:
        return
    changes = {"status": "acknowledged", "acknowledged_by": caller.subject, "acknowledged_at": now}
    if held["status"] == "waiting":
        changes["due_at"] = outcome_due(await read_policy(session), now)
    await _change(session, caller, held, "acknowledged", changes, now)


async def decide(
    session: AsyncSession, caller: Caller, flag_id: UUID, body: FlagOutcomeIn, match: IfMatch, now: datetime
) -> None:
    """Record what was done; whoever decides at once has acknowledged it too."""
    held = await _held(session, caller, flag_id, match)
    if held["status"] == "decided":
        raise FlagDecided()
    changes = {
        "status": "decided", "due_at": None, "outcome": body.outcome, "outcome_note": body.note,
        "decided_by": caller.subject, "decided_at": now,
    }  # fmt: skip
    if held["status"] == "waiting":
        changes |= {"acknowledged_by": caller.subject, "acknowledged_at": now}
    await _change(session, caller, held, "decided", changes, now, body.note)


async def reopen(
    session: AsyncSession, caller: Caller, flag_id: UUID, reason: str, match: IfMatch, now: datetime
) -> None:
    """Put a decided flag back into the queue, where it waits as a new one does."""
    held = await _held(session, caller, flag_id, match)
    if held["status"] != "decided":
        raise FlagNotDecided()
    await _change(session, caller, held, "reopened", opened(await read_policy(session), now), now, reason)


async def escalate_what_ran_out(session: AsyncSession, now: datetime) -> int:
    """Take up every flag whose time is over to the next level; how many there were. Rows another holds are left."""
    policy = await read_policy(session)
    statement = (
        sa.select(flags)
        .where(flags.c.status != "decided", flags.c.due_at <= now, flags.c.level < len(policy.levels))
        .order_by(flags.c.due_at)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.execute(statement)).mappings().all()
    for row in rows:
        held = dict(row)
        while held["due_at"] <= now and held["level"] < len(policy.levels):
            held = await _gone_up(session, held, policy)
    return len(rows)


async def _gone_up(session: AsyncSession, held: dict[str, Any], policy: DutyPolicy) -> dict[str, Any]:
    since, level = held["due_at"], held["level"] + 1
    at = policy.levels[level - 1]
    waiting = held["status"] == "waiting"
    # A time that is over at midnight leaves the next level the whole of the working day that then begins.
    due_at = (
        since + timedelta(minutes=at.minutes) if waiting else outcome_due(policy, since - timedelta(microseconds=1))
    )
    after = await _change(session, CLOCK, held, "escalated", {"level": level, "due_at": due_at}, since, role=at.role)
    _log.warning("safeguarding_escalated", kind=held["subject_kind"], reason=held["reasons"], position=level)
    return after


async def _held(session: AsyncSession, caller: Caller, flag_id: UUID, match: IfMatch) -> dict[str, Any]:
    held = await find_flag(session, caller, flag_id, lock=True)
    match.check(held["version"])
    return held


async def _change(
    session: AsyncSession, caller: Caller, held: dict[str, Any], kind: str, changes: dict[str, Any], at: datetime,
    note: str | None = None, role: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write it down in the flag, in its history and in the activity log; the flag as it stands after."""
    changes = changes | {"version": held["version"] + 1}
    await session.execute(sa.update(flags).where(flags.c.id == held["id"]).values(changes))
    after = held | changes
    await add_event(session, caller, after, kind, at, note)
    data = {
        "subject_kind": after["subject_kind"], "reasons": after["reasons"], "level": after["level"], "role": role,
        "outcome": after["outcome"], "due_at": after["due_at"].isoformat() if after["due_at"] else None,
    }  # fmt: skip
    await record_activity(
        session, caller, f"safeguarding.{kind}", "safeguarding_flag", after["id"], unit=after["unit"], content=note,
        data=data,
    )  # fmt: skip
    return after
