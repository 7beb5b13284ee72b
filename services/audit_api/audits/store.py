"""Writing audits in few statements, however many answers one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import first_of_its_kind
from services.audit_api.audits.answers import Answer
from services.audit_api.audits.schemas import Content
from services.audit_api.models import Audit
from services.audit_api.own_cases import WORKS_ON
from services.audit_api.registry import table_of
from shared.activity.record import deed_in_sql
from shared.database import driver_connection
from shared.framework.kept import STILL_STANDS
from shared.work import Work

audits = table_of(Audit)

# What an audit has already is merged with; a new one has nothing, and PostgreSQL need not look for it.
_MERGED = {
    "answers": "ON CONFLICT (audit_id, question) DO UPDATE SET value = excluded.value, rank = excluded.rank",
    "views": """ON CONFLICT (audit_id, view_of) DO UPDATE SET feedback = excluded.feedback, reason = excluded.reason,
    recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at""",
}
# All that hangs on an audit, sent at once: a statement for each kind would cost a journey each.
_PARTS = """answers AS (
  INSERT INTO audit_answer (audit_id, question, value, rank)
  SELECT $1, given.* FROM {of}json_to_recordset($2::text::json) AS given(question text, value text, rank smallint)
  {answers}),
views AS (
  INSERT INTO audit_view (audit_id, view_of, feedback, reason, recorded_by, recorded_at)
  SELECT $1, given.view_of, given.feedback, given.reason, $4, $5
  FROM {of}jsonb_to_recordset($3::text::jsonb) AS given(view_of text, feedback text, reason text)
  {views}),
findings AS (
  INSERT INTO audit_finding (audit_id, id, position, kind, domain, title, detail, themes, repeat_of,
    escalation_id)
  SELECT $1, given.* FROM {of}jsonb_to_recordset($6::text::jsonb)
    AS given(id uuid, position smallint, kind text, domain text, title text, detail text, themes text[],
      repeat_of uuid, escalation_id uuid)),
participants AS (
  INSERT INTO audit_participant (audit_id, position, part, level, post, agency, reference)
  SELECT $1, given.* FROM {of}jsonb_to_recordset($7::text::jsonb)
    AS given(position smallint, part text, level text, post text, agency text, reference text))"""
_WRITE_PARTS = f"WITH {_PARTS.format(**_MERGED, of='')} SELECT"
_WITH_DEED = f"WITH {_PARTS.format(answers='', views='', of='')}, {deed_in_sql(8)}"
_OWN_CASE = WORKS_ON.replace("$2", "given.auditor").replace("$1", "given.case_reference")
_NEW = f"""WITH put AS (
  INSERT INTO audit SELECT given.* FROM jsonb_populate_record(NULL::audit, $19::text::jsonb) AS given
  WHERE {STILL_STANDS.format(place="$20")} AND NOT EXISTS ({_OWN_CASE}) RETURNING id),
{_PARTS.format(answers="", views="", of="put, ")}, {deed_in_sql(8, of="put")}"""  # noqa: S608 - statements of ours
_CLEAR = {
    "answers": "DELETE FROM audit_answer WHERE audit_id = $1 AND question = ANY($2::text[])",
    "participants": "DELETE FROM audit_participant WHERE audit_id = $1",
}

_SAME = """
SELECT question FROM audit_answer WHERE audit_id = $1
  AND (question, value) IN (SELECT * FROM unnest($2::text[], $3::text[]))
"""


async def write_parts(
    session: AsyncSession,
    audit: UUID,
    content: Content,
    answers: Mapping[str, Answer],
    findings: Sequence[Mapping[str, Any]],
    by: str,
    at: datetime,
) -> None:
    """Store answers, views, findings and participants; answers and views merge, the others are added."""
    connection = await driver_connection(session)
    await connection.execute(_WRITE_PARTS, *_values(audit, content, answers, findings, by, at))


async def store_new(
    work: Work,
    row: Mapping[str, Any],
    content: Content,
    answers: Mapping[str, Answer],
    findings: Sequence[Mapping[str, Any]],
    deed: Sequence[Any],
    state: UUID,
    at: datetime,
) -> bool:
    """Store a new audit with all it holds and the deed, at once; raises SlotTaken or AuditKnown.

    Says whether it was stored: nothing is where the case is the auditor's own, or the framework is no longer as it was
    in that state.
    """
    values = _values(row["id"], content, answers, findings, row["allocated_by"], at)
    with first_of_its_kind():
        return await work.write(_NEW, *values, *deed, _json(row), state)


async def store_with_deed(
    work: Work,
    audit: UUID,
    content: Content,
    answers: Mapping[str, Answer],
    findings: Sequence[Mapping[str, Any]],
    deed: Sequence[Any],
    by: str,
    at: datetime,
) -> None:
    """Store what an audit holds, and the deed, where the audit itself had to be stored before."""
    await work.write(_WITH_DEED, *_values(audit, content, answers, findings, by, at), *deed)


def _values(
    audit: UUID,
    content: Content,
    answers: Mapping[str, Answer],
    findings: Sequence[Mapping[str, Any]],
    by: str,
    at: datetime,
) -> list[Any]:
    # As one text: the driver would look at each element of an array twice.
    given = [{"question": code, "value": answer.value, "rank": answer.rank} for code, answer in answers.items()]
    return [
        audit, _json(given), _json(views_given(content)), by, at, _json(findings), _json(participants_given(content)),
    ]  # fmt: skip


def _json(content: Any) -> str:
    return to_json(content).decode()


async def same_answers(session: AsyncSession, audit: UUID, answers: Mapping[str, Answer]) -> set[str]:
    """The questions answered so already."""
    connection = await driver_connection(session)
    values = [answer.value for answer in answers.values()]
    return {row["question"] for row in await connection.fetch(_SAME, audit, list(answers), values)}


async def clear_parts(session: AsyncSession, audit: UUID, content: Content, cleared: Sequence[str]) -> None:
    """Remove the answers an edit clears and the participants it replaces."""
    connection = await driver_connection(session)
    if cleared:
        await connection.execute(_CLEAR["answers"], audit, list(cleared))
    if content.participants is not None:
        await connection.execute(_CLEAR["participants"], audit)


def views_given(content: Content) -> list[dict[str, Any]]:
    """The views an edit gives, as rows."""
    given = {
        "child": content.views.child,
        "parent_carer": content.views.parent_carer,
        "icrs": content.views.icrs,
    }
    return [
        {"view_of": view_of, "feedback": view.feedback, "reason": view.reason}
        for view_of, view in given.items()
        if view is not None
    ]


def participants_given(content: Content) -> list[dict[str, Any]]:
    """The participants an edit gives, as rows."""
    return [
        {"position": place, **participant.model_dump()} for place, participant in enumerate(content.participants or ())
    ]
