"""Answering in part and submitting whole, the first time or as the correction of a re-opened audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits import corrections, store
from services.audit_api.audits.allocation import check_own_case
from services.audit_api.audits.answers import Answer
from services.audit_api.audits.checking import check_content, check_ready, check_repeats, paper_of
from services.audit_api.audits.errors import AuditNotOpen, NotTheAuditor
from services.audit_api.audits.ground import codes_named
from services.audit_api.audits.history import check_seen, record_step
from services.audit_api.audits.keeping import escalate, finding_rows, held_findings, keep_findings
from services.audit_api.audits.parts import parts_of
from services.audit_api.audits.queries import lock_audit, read_audit
from services.audit_api.audits.schemas import AnswersEdit
from services.audit_api.audits.service import note_deed, submission
from services.audit_api.states import OPEN, is_correction, may_answer
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.database import work_in
from shared.etags import IfMatch
from shared.framework.store import check_codes
from shared.free_text import Mode
from shared.problems import NotFound


async def save_answers(
    session: AsyncSession,
    caller: Caller,
    audit: UUID,
    body: AnswersEdit,
    match: IfMatch,
    words: Mode,
    now: datetime,
) -> None:
    """Save a draft in part; what is not sent stays."""
    held = await _open_audit(session, caller, audit, match)
    paper = await paper_of(session, held)
    check_own_case(held.auditor, body.participants or ())
    work = await work_in(session)
    answers, cleared = await check_content(work, paper, body, words)
    for kind in ("themes", "agencies"):
        named = {pointer: code for pointer, of, code in codes_named(body) if of == kind}
        await check_codes(session, kind, named)
    await check_repeats(work, caller, body, held.unit, audit, held.submitted_on or local_date(now))
    changed: dict[str, Any] = {"status": "in_progress", "version": held.version + 1}
    if is_correction(held):
        questions = await corrections.save(session, caller, audit, held.unit, body, answers, cleared, now)
    else:
        questions = await _save_parts(session, caller, audit, held.unit, body, answers, cleared, now)
        if "no_strength_reason" in body.model_fields_set:
            changed["no_strength_reason"] = body.no_strength_reason
    await session.execute(sa.update(store.audits).where(store.audits.c.id == audit).values(changed))
    await record_step(
        session, caller, audit, changed["version"], "saved", now, questions=questions, parts=_parts_in(body)
    )
    await record_activity(
        session, caller, "audit.saved", "audit", audit, content=body.model_dump(mode="json"), unit=held.unit,
        data={"answers": len(answers), "cleared": len(cleared)},
    )  # fmt: skip


async def _save_parts(
    session: AsyncSession,
    caller: Caller,
    audit: UUID,
    unit: str,
    body: AnswersEdit,
    answers: dict[str, Answer],
    cleared: list[str],
    now: datetime,
) -> set[str]:
    same = await store.same_answers(session, audit, answers) if answers else set()
    if body.findings is not None:
        held = await held_findings(session, audit)
        rows = finding_rows(body.findings, held)
        await escalate(session, caller, audit, unit, body, rows, now)
        await keep_findings(session, audit, held, rows)
    await store.clear_parts(session, audit, body, cleared)
    await store.write_parts(session, audit, body, answers, (), caller.subject, now)
    return (set(answers) - same) | set(cleared)


def _parts_in(body: AnswersEdit) -> Iterable[str]:
    """The parts an edit touches, as a conflict names them."""
    yield from (f"views/{name}" for name, view in body.views if view is not None)
    yield from (name for name in ("findings", "participants") if getattr(body, name) is not None)
    if "no_strength_reason" in body.model_fields_set:
        yield "no_strength_reason"


async def submit_audit(session: AsyncSession, caller: Caller, audit: UUID, match: IfMatch, now: datetime) -> None:
    """Submit a draft once it is whole; its slot is done from the first submission on."""
    held = await _open_audit(session, caller, audit, match)
    paper = await paper_of(session, held)
    standing = await read_audit(session, caller, audit)
    assert standing is not None
    correction = await corrections.locked(session, audit) if is_correction(held) else None
    parts = parts_of(standing) if correction is None else corrections.parts(correction)
    check_ready(paper, parts.answers, parts.heard, set(held.required_views), parts.kinds, parts.no_strength_reason)
    first_day = held.submitted_on or local_date(now)
    changed = submission(caller, paper, parts.answers, first_day, now, held.counts_on)
    changed |= {"version": held.version + 1}
    deed = "audit.submitted"
    if correction is not None:
        changed |= corrections.grades_kept(paper, standing, parts)
        await corrections.put_in_place(session, standing, correction, paper, now)
        changed |= {"edition": held.edition + 1, "no_strength_reason": parts.no_strength_reason}
        deed = "audit.resubmitted"
    await session.execute(sa.update(store.audits).where(store.audits.c.id == audit).values(changed))
    row = held._asdict() | changed
    edition = {"edition": row["edition"]}
    await record_step(session, caller, audit, row["version"], "submitted", now, data=edition)
    await note_deed(session, caller, deed, row, parts.content(), **edition)


async def _open_audit(session: AsyncSession, caller: Caller, audit: UUID, match: IfMatch) -> sa.Row[Any]:
    """The audit, locked, at the version the caller saw, still open, and the caller's to answer."""
    held = await lock_audit(session, caller, audit)
    if held is None:
        raise NotFound()
    await check_seen(session, held, match)
    if held.status not in OPEN:
        raise AuditNotOpen()
    if not may_answer(held, caller):
        raise NotTheAuditor()
    return held
