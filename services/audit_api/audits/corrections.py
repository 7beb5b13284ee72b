"""A re-opened audit is corrected in a draft of its own, so that what was submitted counts until the draft is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.answers import Answer, answers_of
from services.audit_api.audits.editions import keep_edition
from services.audit_api.audits.keeping import check_not_evidence, escalate, finding_rows, keep_findings
from services.audit_api.audits.parts import Parts, parts_from, parts_of
from services.audit_api.audits.queries import corrections
from services.audit_api.audits.schemas import AnswersEdit
from services.audit_api.audits.store import participants_given, views_given
from services.audit_api.models import AuditAnswer, AuditParticipant, AuditView
from services.audit_api.questionnaires import GRADE_COLUMNS, Questionnaire
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.database import driver_connection

_PUT = """
WITH answers AS (
  INSERT INTO audit_answer (audit_id, question, value, rank)
  SELECT $1, given.* FROM unnest($2::text[], $3::text[], $4::smallint[]) AS given),
views AS (
  INSERT INTO audit_view (audit_id, view_of, feedback, reason, recorded_by, recorded_at)
  SELECT $1, given.* FROM jsonb_to_recordset($5::jsonb)
    AS given(view_of text, feedback text, reason text, recorded_by text, recorded_at timestamptz))
INSERT INTO audit_participant (audit_id, position, part, level, post, agency, reference)
SELECT $1, given.* FROM jsonb_to_recordset($6::jsonb)
  AS given(position smallint, part text, level text, post text, agency text, reference text)
"""


async def begin(session: AsyncSession, caller: Caller, standing: Any, reason: str, now: datetime) -> None:
    """Open a correction that starts as what was submitted."""
    row = {
        "audit_id": standing.id, "from_status": standing.status, "reopened_at": now, "reopened_by": caller.subject,
        "reopened_why": reason, "content": parts_of(standing).content(),
    }  # fmt: skip
    await session.execute(sa.insert(corrections), row)


async def locked(session: AsyncSession, audit: UUID) -> sa.Row[Any]:
    """The correction under way; its audit is locked already."""
    return (await session.execute(sa.select(corrections).where(corrections.c.audit_id == audit))).one()


def parts(correction: Any) -> Parts:
    """What the audit will hold once the correction is submitted."""
    return parts_from(correction.content)


async def save(
    session: AsyncSession,
    caller: Caller,
    audit: UUID,
    unit: str,
    body: AnswersEdit,
    answers: Mapping[str, Answer],
    cleared: Sequence[str],
    now: datetime,
) -> set[str]:
    """Merge an edit into the correction; answers the questions that changed."""
    held = parts_from((await locked(session, audit)).content)
    texts = {code: answer.value for code, answer in answers.items()}
    changed = {code for code, text in texts.items() if held.answers.get(code) != text} | set(cleared)
    content = held.content()
    content["answers"] = {code: text for code, text in (dict(held.answers) | texts).items() if code not in cleared}
    content["views"] = _views(held, body, caller, now)
    if body.findings is not None:
        content["findings"] = rows = finding_rows(body.findings, held.findings)
        await escalate(session, caller, audit, unit, body, rows, now)
    if body.participants is not None:
        content["participants"] = participants_given(body)
    if "no_strength_reason" in body.model_fields_set:
        content["no_strength_reason"] = body.no_strength_reason
    await session.execute(sa.update(corrections).where(corrections.c.audit_id == audit).values(content=content))
    return changed


def _views(held: Parts, body: AnswersEdit, caller: Caller, now: datetime) -> list[Mapping[str, Any]]:
    recorded = {"recorded_by": caller.subject, "recorded_at": now.isoformat()}
    given: dict[str, Mapping[str, Any]] = {view["view_of"]: view for view in held.views}
    given |= {view["view_of"]: view | recorded for view in views_given(body)}
    return [given[name] for name in sorted(given)]


def grades_kept(paper: Questionnaire, standing: Any, new: Parts) -> dict[str, Any]:
    """A grade that moderation settled stands until the correction answers its question otherwise."""
    before = parts_of(standing).answers
    return {
        GRADE_COLUMNS[domain]: getattr(standing, GRADE_COLUMNS[domain])
        for domain, question in paper.overall.items()
        if question in before and before[question] == new.answers.get(question)
    }


async def put_in_place(
    session: AsyncSession, standing: Any, correction: Any, paper: Questionnaire, now: datetime
) -> None:
    """Keep what was submitted as an edition, and put the correction where it stood."""
    held, new, audit = parts_of(standing), parts_from(correction.content), standing.id
    await keep_edition(session, standing, correction, now)
    for table in (table_of(AuditAnswer), table_of(AuditView), table_of(AuditParticipant)):
        await session.execute(sa.delete(table).where(table.c.audit_id == audit))
    answers = answers_of(paper, new.answers)
    connection = await driver_connection(session)
    await connection.execute(
        _PUT, audit, list(answers), [one.value for one in answers.values()], [one.rank for one in answers.values()],
        json.dumps(new.content()["views"]), json.dumps(new.content()["participants"]),
    )  # fmt: skip
    await check_not_evidence(session, held.findings, new.findings)
    await keep_findings(session, audit, held.findings, new.findings)
    await session.execute(sa.delete(corrections).where(corrections.c.audit_id == audit))
