"""The rules of a new audit: allocated with what is known of it, or sent in whole (R15, R21, R25, R28, R29)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import insert_audit
from services.audit_api.audits import store
from services.audit_api.audits.allocation import Allocation, allocate
from services.audit_api.audits.answers import Answer, grades_of
from services.audit_api.audits.checking import check_content, check_ready, check_repeats
from services.audit_api.audits.errors import NotTheAuditor
from services.audit_api.audits.ground import GROUND, Ground, codes_named
from services.audit_api.audits.keeping import escalate, finding_rows
from services.audit_api.audits.parts import Parts
from services.audit_api.audits.schemas import AuditIn
from services.audit_api.errors import OwnCase
from services.audit_api.own_cases import is_own_case
from services.audit_api.questionnaires import GRADE_COLUMNS, Questionnaire
from shared.activity.record import deed_values, record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.free_text import Mode
from shared.ids import new_id
from shared.problems import Fault, Forbidden, Malformed, Problem
from shared.work import Work


@dataclass(frozen=True, slots=True)
class Begun:
    """A new audit as it was stored: its row, what it holds, and the edition it is held to."""

    row: dict[str, Any]
    parts: Parts
    paper: Questionnaire


@dataclass(frozen=True, slots=True)
class _Judged:
    """A new audit that may be stored."""

    begun: Begun
    answers: Mapping[str, Answer]
    findings: list[dict[str, Any]]


async def add_audit(work: Work, caller: Caller, body: AuditIn, words: Mode, now: datetime) -> Begun:
    """Allocate an audit, with what is known of it already; with `submit` it goes in whole."""
    judged = await _added_by_what_is_known(work, caller, body, words, now)
    while judged is None:
        ground = await GROUND.current(work)
        judged = await _judge(work, caller, body, ground, words, now)
        if await is_own_case(work, judged.begun.row["auditor"], body.case_reference):
            raise OwnCase()
        if not await _store(work, caller, body, judged, ground, now):
            judged = None
    return judged.begun


async def _added_by_what_is_known(
    work: Work, caller: Caller, body: AuditIn, words: Mode, now: datetime
) -> _Judged | None:
    """Stored in one journey; None where what is known stands in the way or has changed."""
    if body.immediate_concerns():
        return None
    ground = await GROUND.known(work)
    try:
        judged = await _judge(work, caller, body, ground, words, now)
    except Problem:
        # Nobody is refused by what may have changed since.
        return None
    return judged if await _store(work, caller, body, judged, ground, now) else None


async def _judge(work: Work, caller: Caller, body: AuditIn, ground: Ground, words: Mode, now: datetime) -> _Judged:
    allocation = await allocate(work, caller, body, ground, now)
    filled = bool(body.answers or body.findings or body.model_fields_set & {"views", "participants"})
    row = _row(caller, body, allocation, now)
    row["status"] = "in_progress" if filled else "allocated"
    manages = caller.may("audit:manage") and caller.unit != row["unit"]
    if (filled or body.submit) and not (body.auditor in (None, caller.subject) or manages):
        raise NotTheAuditor()
    paper = allocation.paper
    answers, _ = await check_content(work, paper, body, words)
    for kind in ("themes", "agencies"):
        ground.check_codes(kind, codes_named(body))
    done_on = _done_on(caller, body, now)
    await check_repeats(work, caller, body, row["unit"], None, done_on)
    findings = finding_rows(body.findings or ())
    parts = _parts(caller, body, answers, findings, now)
    if body.submit:
        required = _required_views(paper, allocation.place.required_views)
        check_ready(paper, parts.answers, parts.heard, required, parts.kinds, body.no_strength_reason)
        row |= submission(caller, paper, parts.answers, done_on, now, row["counts_on"])
    return _Judged(Begun(row, parts, paper), answers, findings)


async def _store(work: Work, caller: Caller, body: AuditIn, judged: _Judged, ground: Ground, now: datetime) -> bool:
    row, answers, findings = judged.begun.row, judged.answers, judged.findings
    name = "audit.submitted" if body.submit else "audit.allocated"
    content = body.model_dump_json().encode()
    deed = deed_values(caller, name, "audit", row["id"], content=content, unit=row["unit"], data=_told(row))
    if not body.immediate_concerns():
        return await store.store_new(work, row, body, answers, findings, deed, ground.state, now)
    # An escalation names its audit, and a finding its escalation.
    session = await work.session()
    await insert_audit(session, row)
    await escalate(session, caller, row["id"], row["unit"], body, findings, now)
    await store.store_with_deed(work, row["id"], body, answers, findings, deed, caller.subject, now)
    return True


def _parts(
    caller: Caller, body: AuditIn, answers: Mapping[str, Answer], findings: list[dict[str, Any]], now: datetime
) -> Parts:
    recorded = {"recorded_by": caller.subject, "recorded_at": now}
    return Parts(
        answers={code: answer.value for code, answer in answers.items()},
        views=[view | recorded for view in sorted(store.views_given(body), key=itemgetter("view_of"))],
        findings=findings,
        participants=store.participants_given(body),
        no_strength_reason=body.no_strength_reason,
    )


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
    grades = {GRADE_COLUMNS[domain]: grade for domain, grade in grades_of(paper, answers).items()}
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
    data = _told(row) | more
    await record_activity(session, caller, deed, "audit", row["id"], content=content, unit=row["unit"], data=data)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    data = {name: row[name] for name in ("tool", "tool_version", "programme", "period", "audit_type")}
    if row.get("submitted_on") is not None:
        data["submitted_on"] = row["submitted_on"].isoformat()
    return data
