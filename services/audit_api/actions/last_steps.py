"""The end of an action: verified by another person, closed with its impact, or cancelled by an approver (R05)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.actions.errors import (
    ActionClosed,
    ActionNotCompleted,
    ActionNotVerified,
    ActionVerified,
    ImpactNeeded,
    OwnAction,
    VerifiedByAnother,
)
from services.audit_api.actions.queries import verifications
from services.audit_api.actions.rendering import ENDED, owns
from services.audit_api.actions.service import add_evidence, change, check_findings, held_action, next_position
from services.audit_api.actions.step_schemas import ActionClosureIn, CancellationIn, VerificationIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.free_text import Mode, screen
from shared.problems import Fault, Malformed

_DEEDS = {"accepted": "verified", "sent_back": "sent_back"}


async def verify_action(
    session: AsyncSession,
    caller: Caller,
    action: UUID,
    body: VerificationIn,
    match: IfMatch,
    words: Mode,
    now: datetime,
) -> None:
    """Another person than who completed it accepts it, or sends it back to its owner."""
    held = await held_action(session, caller, action, match)
    if held.status != "completed":
        raise ActionNotCompleted() if held.status == "open" else ActionVerified()
    if held.completed_by == caller.subject:
        raise VerifiedByAnother()
    screen({"/reason": body.reason or ""}, words)
    row = {
        "action_id": action, "position": await next_position(session, verifications, action),
        "verdict": body.verdict, "reason": body.reason, "completed_on": held.completed_on,
        "completed_by": held.completed_by, "verified_by": caller.subject, "verified_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(verifications), row)
    if body.verdict == "accepted":
        accepted = {"status": "verified", "verified_on": local_date(now), "verified_by": caller.subject}
        await change(session, held, **accepted)
    else:
        # Open again, so that it counts as overdue again where it is.
        await change(session, held, status="open", completed_on=None, completed_by=None, completion_note=None)
    await record_activity(
        session, caller, f"action.{_DEEDS[body.verdict]}", "action", action, content=body.reason, unit=held.unit,
        data={},
    )  # fmt: skip


async def cancel_action(
    session: AsyncSession,
    caller: Caller,
    action: UUID,
    body: CancellationIn,
    match: IfMatch,
    words: Mode,
    now: datetime,
) -> None:
    """Leave an action undone with a reason, the caller approving, who is not its owner."""
    held = await held_action(session, caller, action, match)
    if held.status in ENDED:
        raise ActionClosed()
    if owns(held, caller):
        raise OwnAction()
    screen({"/reason": body.reason}, words)
    off = {"status": "cancelled", "cancelled_on": local_date(now), "cancelled_by": caller.subject}
    await change(session, held, **off, cancellation_reason=body.reason, review_on=None)
    await record_activity(
        session, caller, "action.cancelled", "action", action, content=body.reason, unit=held.unit,
        data={"from": held.status},
    )  # fmt: skip


async def close_action(
    session: AsyncSession,
    caller: Caller,
    action: UUID,
    body: ActionClosureIn,
    match: IfMatch,
    words: Mode,
    now: datetime,
) -> None:
    """Close with the difference it made, or put that off until a review date."""
    held = await held_action(session, caller, action, match)
    if held.status in ENDED:
        raise ActionClosed()
    if held.status == "open":
        raise ActionNotCompleted()
    if held.status == "completed":
        raise ActionNotVerified()
    screen({"/note": body.note or ""}, words)
    _check_impact(body, local_date(now))
    await check_findings(session, caller, None, body.evidence)
    if body.review_on is not None:
        await change(session, held, review_on=body.review_on)
        deed, data = "action.review_set", {"review_on": body.review_on.isoformat()}
    else:
        await add_evidence(session, action, "impact", body.evidence)
        closed = {"status": "closed", "closed_on": local_date(now), "closed_by": caller.subject}
        await change(session, held, **closed, impact=body.impact, impact_note=body.note, review_on=None)
        deed, data = "action.closed", {"impact": str(body.impact)}
    await record_activity(
        session, caller, deed, "action", action, content=body.model_dump(mode="json"), unit=held.unit, data=data
    )


def _check_impact(body: ActionClosureIn, today: date) -> None:
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
