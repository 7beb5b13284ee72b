"""The rules of a new audit: allocated with what is known of it, or sent in whole (R15, R21, R25, R28, R29)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import insert_audit
from services.audit_api.audits import store
from services.audit_api.audits.allocation import Allocation, allocate
from services.audit_api.audits.answers import grades_of
from services.audit_api.audits.checking import check_content, check_ready, check_repeats
from services.audit_api.audits.errors import NotTheAuditor
from services.audit_api.audits.keeping import escalate, finding_rows
from services.audit_api.audits.schemas import AuditIn
from services.audit_api.questionnaires import Questionnaire
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.free_text import Mode
from shared.ids import new_id
from shared.problems import Fault, Forbidden, Malformed

_GRADES = {
    "quality_of_intervention": "quality_grade",
    "outcomes_achieved": "outcomes_grade",
    "adherence_to_process": "process_grade",
}


async def add_audit(session: AsyncSession, caller: Caller, body: AuditIn, words: Mode, now: datetime) -> UUID:
    """Allocate an audit, with what is known of it already; with `submit` it goes in whole."""
    allocation = await allocate(session, caller, body, now)
    filled = bool(body.answers or body.findings or body.model_fields_set & {"views", "participants"})
    row = _row(caller, body, allocation, now)
    row["status"] = "in_progress" if filled else "allocated"
    if (filled or body.submit) and not (body.auditor in (None, caller.subject) or caller.may("audit:manage")):
        raise NotTheAuditor()
    paper = allocation.paper
    answers, _ = await check_content(session, paper, body, words)
    done_on = _done_on(caller, body, now)
    await check_repeats(session, caller, body, None, done_on)
    findings = finding_rows(body.findings or ())
    if body.submit:
        texts = {code: answer.value for code, answer in answers.items()}
        heard = {name for name, view in body.views if view is not None}
        kinds = [finding.kind for finding in body.findings or ()]
        required = _required_views(paper, allocation.place.required_views)
        check_ready(paper, texts, heard, required, kinds, body.no_strength_reason)
        row |= submission(caller, paper, texts, done_on, now, row["counts_on"])
    await insert_audit(session, row)
    await escalate(session, caller, row["id"], row["unit"], body, findings, now)
    await store.write_parts(session, row["id"], body, answers, findings, caller.subject, now)
    deed = "audit.submitted" if body.submit else "audit.allocated"
    await note_deed(session, caller, deed, row, body.model_dump(mode="json"))
    found: UUID = row["id"]
    return found


def _row(caller: Caller, body: AuditIn, allocation: Allocation, now: datetime) -> dict[str, Any]:
    place, paper = allocation.place, allocation.paper
    return {
        "id": new_id(), "source_ref": body.source_ref, "slot_id": place.slot_id,
        "programme": place.programme, "period": place.period,
        "tool": paper.tool, "tool_version": paper.version, "audit_type": allocation.audit_type,
        "announced": place.announced, **place.particulars,
        "unit": place.unit, "case_reference": body.case_reference, "auditor": allocation.auditor,
        "auditor_unit": allocation.auditor_unit, "due_on": place.due_on,
        "required_views": sorted(_required_views(paper, place.required_views)),
        "no_strength_reason": body.no_strength_reason, "counts_on": place.counts_on,
        "allocated_by": caller.subject, "allocated_at": now, "edition": 1, "version": 1,
    }  # fmt: skip


def _required_views(paper: Questionnaire, of_round: tuple[str, ...]) -> set[str]:
    return set(paper.views) | set(of_round)


def _done_on(caller: Caller, body: AuditIn, now: datetime) -> date:
    today = local_date(now)
    if body.submitted_on is None or body.submitted_on == today:
        return today
    if body.submitted_on > today:
        fault = Fault("/submitted_on", "in_future", "give a day that is not after today")
        raise Malformed("An audit cannot have been done in the future.", errors=[fault])
    if not caller.may("audit:manage"):
        needed = "Recording an audit under an earlier day needs the scope audit:manage."
        raise Forbidden(needed, needed_scope="audit:manage")
    return body.submitted_on


def submission(
    caller: Caller,
    paper: Questionnaire,
    answers: Mapping[str, str],
    on: date,
    now: datetime,
    counts_on: date | None,
) -> dict[str, Any]:
    """What a submission sets on the audit."""
    grades = {_GRADES[domain]: grade for domain, grade in grades_of(paper, answers).items()}
    return {
        "status": "submitted", "submitted_on": on, "submitted_at": now, "submitted_by": caller.subject,
        "counts_on": counts_on or on, **grades,
    }  # fmt: skip


async def note_deed(
    session: AsyncSession,
    caller: Caller,
    deed: str,
    row: Mapping[str, Any],
    content: Any,
    **more: Any,
) -> None:
    """Record a step of the audit's life beside it, in codes alone."""
    data = {name: row[name] for name in ("tool", "tool_version", "programme", "period", "audit_type")}
    if row.get("submitted_on") is not None:
        data["submitted_on"] = row["submitted_on"].isoformat()
    unit = row["unit"]
    await record_activity(session, caller, deed, "audit", row["id"], content=content, unit=unit, data=data | more)
