"""The rules of an audit's later life: closing, re-opening, handing over, withdrawing, a view that came late."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits import corrections, store
from services.audit_api.audits.allocation import independent_unit
from services.audit_api.audits.errors import (
    AuditClosed,
    AuditNotClosable,
    AuditNotOpen,
    AuditNotReopenable,
    AuditNotWithdrawable,
    LearningNeeded,
    NotTheAuditor,
    OwnAudit,
    ViewSettled,
)
from services.audit_api.audits.history import check_seen, record_step
from services.audit_api.audits.life_schemas import ReallocationIn
from services.audit_api.audits.parts import parts_of
from services.audit_api.audits.queries import linked_learning, lock_audit, read_audit, views
from services.audit_api.audits.schemas import ViewIn
from services.audit_api.audits.service import note_deed
from services.audit_api.errors import OwnCase
from services.audit_api.own_cases import works_on
from services.audit_api.states import (
    CLOSABLE,
    OPEN,
    REOPENABLE,
    SUBMITTED,
    is_correction,
    may_answer,
    may_manage,
)
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.problems import Fault, Malformed, NotFound

ViewOf = Literal["child", "parent_carer", "icrs"]
_NOT_CLOSABLE = {
    "allocated": "not_submitted",
    "in_progress": "not_submitted",
    "in_moderation": "in_moderation",
    "withdrawn": "withdrawn",
}


async def close_audit(
    session: AsyncSession, caller: Caller, audit: UUID, note: str | None, match: IfMatch, now: datetime
) -> None:
    """Complete the cycle: only once something learned from the audit has been passed on (R26)."""
    held = await _managed(session, caller, audit)
    # Before the version: of two closings at once the second is told what happened.
    if held.status == "closed":
        raise AuditClosed()
    await check_seen(session, held, match)
    if held.status not in CLOSABLE:
        fault = Fault("/status", _NOT_CLOSABLE[held.status], "an audit closes from submitted or moderated")
        raise AuditNotClosable("See errors.", errors=[fault])
    learned = await linked_learning(session, audit)
    if not any(row.status == "disseminated" for row in learned):
        faults = [Fault("/learning", row.status, f"learning item {row.id} is not passed on") for row in learned]
        missing = Fault("/learning", "learning_missing", "no learning item names this audit as its source")
        raise LearningNeeded("See errors.", errors=faults or [missing])
    await _step(session, caller, held, "closed", now, note, status="closed", closed_on=local_date(now))


async def reopen_audit(
    session: AsyncSession, caller: Caller, audit: UUID, reason: str, match: IfMatch, now: datetime
) -> None:
    """Open a submitted audit for correction; what was submitted counts until the correction is."""
    held = await _managed(session, caller, audit)
    await check_seen(session, held, match)
    if held.status not in REOPENABLE:
        raise AuditNotReopenable()
    standing = await read_audit(session, caller, audit)
    await corrections.begin(session, caller, standing, reason, now)
    told = {"edition": held.edition, "from_status": held.status}
    await _step(session, caller, held, "reopened", now, reason, told, status="in_progress", closed_on=None)


async def withdraw_audit(
    session: AsyncSession, caller: Caller, audit: UUID, reason: str, match: IfMatch, now: datetime
) -> None:
    """Take back an audit that was never submitted; its slot is free again."""
    held = await _managed(session, caller, audit)
    await check_seen(session, held, match)
    if held.status not in OPEN or held.submitted_on is not None:
        raise AuditNotWithdrawable()
    await _step(session, caller, held, "withdrawn", now, reason, status="withdrawn")


async def reallocate_audit(
    session: AsyncSession, caller: Caller, audit: UUID, body: ReallocationIn, match: IfMatch, now: datetime
) -> None:
    """Hand an open audit to another auditor, who must be independent of team and case."""
    held = await _managed(session, caller, audit)
    await check_seen(session, held, match)
    if held.status not in OPEN:
        raise AuditNotOpen()
    if body.auditor == held.auditor:
        raise Malformed("See errors.", errors=[Fault("/auditor", "same_auditor", "the audit is this auditor's")])
    unit = await independent_unit(session, caller, body.auditor, body.auditor_unit, (held.audit_type, held.unit))
    whole = await read_audit(session, caller, audit)
    parts = corrections.parts(await corrections.locked(session, audit)) if is_correction(held) else parts_of(whole)
    if any(one["reference"] == body.auditor and one["part"] != "contributor" for one in parts.participants):
        raise OwnCase()
    if await works_on(session, body.auditor, held.case_reference):
        raise OwnCase()
    told = {"from_auditor": held.auditor, "auditor": body.auditor}
    await _step(session, caller, held, "reallocated", now, body.reason, told, auditor=body.auditor, auditor_unit=unit)


async def add_late_view(
    session: AsyncSession, caller: Caller, held: Any, view_of: ViewOf, body: ViewIn, now: datetime
) -> None:
    """Attach a view that came after the submission; the reason why there was none stays beside it (R15)."""
    key = views.c.audit_id == held.id, views.c.view_of == view_of
    before = (await session.execute(sa.select(views).where(*key))).one_or_none()
    if before is not None and body.feedback is not None and before.feedback == body.feedback:
        return
    if before is not None and (body.feedback is None or before.feedback is not None):
        raise ViewSettled()
    recorded = {"feedback": body.feedback, "recorded_by": caller.subject, "recorded_at": now}
    if before is None:
        row = recorded | {"audit_id": held.id, "view_of": view_of, "reason": body.reason}
        await session.execute(sa.insert(views), row)
    else:
        await session.execute(sa.update(views).where(*key).values(recorded))
    await _step(session, caller, held, "view_added", now, None, {"view_of": view_of})


async def held_for_view(session: AsyncSession, caller: Caller, audit: UUID, match: IfMatch) -> tuple[Any, bool]:
    """The audit, locked, that a view is for, and whether the view comes late."""
    held = await lock_audit(session, caller, audit)
    if held is None:
        raise NotFound()
    await check_seen(session, held, match)
    if not may_answer(held, caller):
        raise NotTheAuditor()
    if held.status == "withdrawn":
        raise AuditNotOpen()
    return held, held.status in SUBMITTED


async def _managed(session: AsyncSession, caller: Caller, audit: UUID) -> sa.Row[Any]:
    held = await lock_audit(session, caller, audit)
    if held is None:
        raise NotFound()
    if not may_manage(held, caller):
        raise OwnAudit()
    return held


async def _step(
    session: AsyncSession,
    caller: Caller,
    held: Any,
    kind: str,
    now: datetime,
    reason: str | None,
    told: dict[str, Any] | None = None,
    **changed: Any,
) -> None:
    """Change the audit's own row by one version, and tell of it in its history and in the activity."""
    version = held.version + 1
    await session.execute(
        sa.update(store.audits).where(store.audits.c.id == held.id).values(changed | {"version": version})
    )
    await record_step(session, caller, held.id, version, kind, now, reason=reason, data=told)
    await note_deed(session, caller, f"audit.{kind}", held._asdict() | changed, reason, **(told or {}))
