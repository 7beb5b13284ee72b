"""Holding what an audit says to its tool, to the framework, and to what was found before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.answers import Answer, check_answers, faults_of_answers
from services.audit_api.audits.errors import (
    AnswersDoNotFit,
    AuditNotReady,
    QuestionOfAnotherVersion,
    QuestionUnknown,
    RepeatNotEarlier,
)
from services.audit_api.audits.queries import earlier_findings, editions, versions_asking
from services.audit_api.audits.schemas import Content
from services.audit_api.questionnaires import Questionnaire, questionnaire
from shared.auth.caller import Caller
from shared.free_text import Mode, screen
from shared.problems import Fault, Malformed
from shared.work import Work


async def paper_of(session: AsyncSession, held: sa.Row[Any]) -> Questionnaire:
    """The edition of the tool that the audit was begun with."""
    edition = editions.c.tool == held.tool, editions.c.version == held.tool_version
    digest = (await session.execute(sa.select(editions.c.hash).where(*edition))).scalar_one()
    return await questionnaire(session, held.tool, held.tool_version, digest)


async def check_content(
    work: Work, paper: Questionnaire, content: Content, words: Mode
) -> tuple[dict[str, Answer], list[str]]:
    """The answers held to the edition; the codes in findings are still to be held to the framework."""
    try:
        answers = check_answers(paper, content.answers)
    except AnswersDoNotFit as problem:
        unknown = [code for code in content.answers if code not in paper.questions]
        if isinstance(problem, QuestionUnknown) and await versions_asking(await work.session(), paper.tool, unknown):
            faults = [Fault("/answers", "question_of_another_version", "there is a question of another edition here")]
            raise QuestionOfAnotherVersion(problem.detail, errors=faults) from None
        raise
    _screen(paper, answers[0], content, words)
    for place, finding in enumerate(content.findings or ()):
        if finding.domain not in paper.domains:
            fault = Fault(f"/findings/{place}/domain", "domain_not_of_tool", "the tool has no section on this")
            raise AnswersDoNotFit("See errors.", errors=[fault])
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


async def check_repeats(work: Work, caller: Caller, content: Content, unit: str, audit: UUID | None, on: date) -> None:
    """What a finding repeats was found before, in another submitted audit of the team or one the caller may see."""
    named = {
        f"/findings/{place}/repeat_of": finding.repeat_of
        for place, finding in enumerate(content.findings or ())
        if finding.repeat_of is not None
    }
    if not named:
        return
    found = await earlier_findings(await work.session(), caller, unit, set(named.values()))
    unknown = [
        Fault(pointer, "unknown_finding", "there is no such finding that this caller may use")
        for pointer, finding in named.items()
        if finding not in found
    ]
    if unknown:
        raise Malformed("A finding cannot be used; see errors.", errors=unknown)
    wrong = []
    for pointer, finding in named.items():
        before = found[finding]
        if before.audit_id == audit:
            wrong.append(Fault(pointer, "same_audit", "an audit does not repeat its own findings"))
        elif before.submitted_on is None:
            wrong.append(Fault(pointer, "not_final", "the audit that found it is not submitted"))
        elif before.submitted_on > on:
            wrong.append(Fault(pointer, "later", "it was found after this audit"))
    if wrong:
        raise RepeatNotEarlier("See errors.", errors=wrong)


def check_ready(
    paper: Questionnaire,
    answers: Mapping[str, str],
    heard: set[str],
    required: set[str],
    kinds: Sequence[str],
    no_strength_reason: str | None,
) -> None:
    """Raises AuditNotReady with all that is missing."""
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
