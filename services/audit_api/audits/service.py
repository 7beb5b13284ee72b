"""The rules of audits: allocating, answering in part, submitting whole (R15, R21, R25, R28, R29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import insert_audit
from services.audit_api.audits import store
from services.audit_api.audits.allocation import Allocation, allocate, check_own_case
from services.audit_api.audits.answers import Answer, check_answers, faults_of_answers, grades_of
from services.audit_api.audits.errors import (
    AnswersDoNotFit,
    AuditNotOpen,
    AuditNotReady,
    NotTheAuditor,
    QuestionOfAnotherVersion,
    QuestionUnknown,
)
from services.audit_api.audits.queries import editions, lock_audit, read_audit, versions_asking
from services.audit_api.audits.rendering import OPEN, may_answer
from services.audit_api.audits.schemas import AnswersEdit, AuditIn, Content
from services.audit_api.questionnaires import Questionnaire, questionnaire
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.framework.store import check_codes
from shared.free_text import Mode, screen
from shared.ids import new_id
from shared.problems import Fault, Forbidden, Malformed, NotFound

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
    answers, _ = await _checked(session, paper, body, words)
    if body.submit:
        texts = {code: answer.value for code, answer in answers.items()}
        heard = {name for name, view in body.views if view is not None}
        kinds = [finding.kind for finding in body.findings or ()]
        required = _required_views(paper, allocation.place.required_views)
        _check_ready(paper, texts, heard, required, kinds, body.no_strength_reason)
        row |= _submission(caller, paper, texts, _done_on(caller, body, now), now, row["counts_on"])
    await insert_audit(session, row)
    await store.write_parts(session, row["id"], body, answers, caller.subject, now)
    deed = "audit.submitted" if body.submit else "audit.allocated"
    await _record(session, caller, deed, row, body.model_dump(mode="json"))
    found: UUID = row["id"]
    return found


def _row(caller: Caller, body: AuditIn, allocation: Allocation, now: datetime) -> dict[str, Any]:
    place, paper = allocation.place, allocation.paper
    return {
        "id": new_id(), "source_ref": body.source_ref, "slot_id": place.slot_id,
        "programme": place.programme, "period": place.period,
        "tool": paper.tool, "tool_version": paper.version, "audit_type": allocation.audit_type,
        "trigger": body.trigger, "trigger_reference": body.trigger_reference, "announced": True,
        "unit": place.unit, "case_reference": body.case_reference, "auditor": allocation.auditor,
        "auditor_unit": allocation.auditor_unit, "due_on": place.due_on,
        "required_views": sorted(_required_views(paper, place.required_views)),
        "no_strength_reason": body.no_strength_reason, "counts_on": place.counts_on,
        "allocated_by": caller.subject, "allocated_at": now, "version": 1,
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
    paper = await _paper(session, held)
    check_own_case(held.auditor, body.participants or ())
    answers, cleared = await _checked(session, paper, body, words)
    await store.clear_parts(session, audit, body, cleared)
    await store.write_parts(session, audit, body, answers, caller.subject, now)
    changed: dict[str, Any] = {"status": "in_progress", "version": held.version + 1}
    if "no_strength_reason" in body.model_fields_set:
        changed["no_strength_reason"] = body.no_strength_reason
    await session.execute(sa.update(store.audits).where(store.audits.c.id == audit).values(changed))
    await record_activity(
        session, caller, "audit.saved", "audit", audit, content=body.model_dump(mode="json"), unit=held.unit,
        data={"answers": len(answers), "cleared": len(cleared)},
    )  # fmt: skip


async def submit_audit(session: AsyncSession, caller: Caller, audit: UUID, match: IfMatch, now: datetime) -> None:
    """Submit a draft once it is whole; its slot is done from then on."""
    held = await _open_audit(session, caller, audit, match)
    paper = await _paper(session, held)
    whole = await read_audit(session, caller, audit)
    assert whole is not None
    texts: dict[str, str] = whole.answers or {}
    heard = {view["view_of"] for view in whole.views or ()}
    kinds = [finding["kind"] for finding in whole.findings or ()]
    _check_ready(paper, texts, heard, set(held.required_views), kinds, held.no_strength_reason)
    changed = _submission(caller, paper, texts, local_date(now), now, held.counts_on)
    changed["version"] = held.version + 1
    await session.execute(sa.update(store.audits).where(store.audits.c.id == audit).values(changed))
    await _record(session, caller, "audit.submitted", held._asdict() | changed, texts)


async def _open_audit(session: AsyncSession, caller: Caller, audit: UUID, match: IfMatch) -> sa.Row[Any]:
    """The audit, locked, at the version the caller saw, still open, and the caller's to answer."""
    held = await lock_audit(session, caller, audit)
    if held is None:
        raise NotFound()
    match.check(held.version)
    if held.status not in OPEN:
        raise AuditNotOpen()
    if not may_answer(held, caller):
        raise NotTheAuditor()
    return held


async def _paper(session: AsyncSession, held: sa.Row[Any]) -> Questionnaire:
    edition = editions.c.tool == held.tool, editions.c.version == held.tool_version
    digest = (await session.execute(sa.select(editions.c.hash).where(*edition))).scalar_one()
    return await questionnaire(session, held.tool, held.tool_version, digest)


async def _checked(
    session: AsyncSession, paper: Questionnaire, content: Content, words: Mode
) -> tuple[dict[str, Answer], list[str]]:
    """The answers held to the edition, and the codes in findings held to the framework."""
    try:
        answers = check_answers(paper, content.answers)
    except AnswersDoNotFit as problem:
        unknown = [code for code in content.answers if code not in paper.questions]
        if isinstance(problem, QuestionUnknown) and await versions_asking(session, paper.tool, unknown):
            faults = [Fault("/answers", "question_of_another_version", "there is a question of another edition here")]
            raise QuestionOfAnotherVersion(problem.detail, errors=faults) from None
        raise
    _screen(paper, answers[0], content, words)
    for place, finding in enumerate(content.findings or ()):
        if finding.domain not in paper.domains:
            fault = Fault(f"/findings/{place}/domain", "domain_not_of_tool", "the tool has no section on this")
            raise AnswersDoNotFit("See errors.", errors=[fault])
    themes = {
        f"/findings/{place}/themes/{at}": theme
        for place, finding in enumerate(content.findings or ())
        for at, theme in enumerate(finding.themes)
    }
    await check_codes(session, "themes", themes)
    agencies = {
        f"/participants/{place}/agency": participant.agency
        for place, participant in enumerate(content.participants or ())
        if participant.agency is not None
    }
    await check_codes(session, "agencies", agencies)
    return answers


def _screen(paper: Questionnaire, answers: Mapping[str, Answer], content: Content, words: Mode) -> None:
    """Refuse identifiers where the council has so set; in titles always, because reports quote them."""
    findings = list(enumerate(content.findings or ()))
    screen({f"/findings/{at}/title": finding.title for at, finding in findings}, "refuse")
    if words == "refuse":
        texts: dict[str, str | None] = {
            f"/answers/{code}": answer.value for code, answer in answers.items() if paper.questions[code].kind == "text"
        }
        texts |= {f"/findings/{at}/text": finding.text for at, finding in findings}
        screen(texts | {"/no_strength_reason": content.no_strength_reason}, words)


def _check_ready(
    paper: Questionnaire,
    answers: Mapping[str, str],
    heard: set[str],
    required: set[str],
    kinds: Sequence[str],
    no_strength_reason: str | None,
) -> None:
    faults = faults_of_answers(paper, answers)
    faults += [
        Fault(f"/views/{view_of}", "view_missing", "give the feedback item, or the reason why there is none")
        for view_of in sorted(required - heard)
    ]
    if "strength" not in kinds and no_strength_reason is None:
        detail = "name at least one strength, or say in no_strength_reason why there is none"
        faults.append(Fault("/findings", "strength_missing", detail))
    if faults:
        raise AuditNotReady("See errors for all that is missing.", errors=faults[:500])


def _submission(
    caller: Caller,
    paper: Questionnaire,
    answers: Mapping[str, str],
    on: date,
    now: datetime,
    counts_on: date | None,
) -> dict[str, Any]:
    grades = {_GRADES[domain]: grade for domain, grade in grades_of(paper, answers).items()}
    return {
        "status": "submitted", "submitted_on": on, "submitted_at": now, "submitted_by": caller.subject,
        "counts_on": counts_on or on, **grades,
    }  # fmt: skip


async def _record(session: AsyncSession, caller: Caller, deed: str, row: Mapping[str, Any], content: Any) -> None:
    data = {name: row[name] for name in ("tool", "tool_version", "programme", "period", "audit_type")}
    if row.get("submitted_on") is not None:
        data["submitted_on"] = row["submitted_on"].isoformat()
    await record_activity(session, caller, deed, "audit", row["id"], content=content, unit=row["unit"], data=data)
