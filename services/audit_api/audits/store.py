"""Writing audits in few statements, however many answers one has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.answers import Answer
from services.audit_api.audits.schemas import Content
from services.audit_api.models import Audit
from services.audit_api.registry import table_of
from shared.database import driver_connection
from shared.ids import new_id

audits = table_of(Audit)

# All that hangs on an audit, sent at once: a statement for each kind would cost a journey each.
_WRITE_PARTS = """
WITH answers AS (
  INSERT INTO audit_answer (audit_id, question, value, rank)
  SELECT $1, given.* FROM unnest($2::text[], $3::text[], $4::smallint[]) AS given
  ON CONFLICT (audit_id, question) DO UPDATE SET value = excluded.value, rank = excluded.rank),
views AS (
  INSERT INTO audit_view (audit_id, view_of, feedback, reason, recorded_by, recorded_at)
  SELECT $1, given.view_of, given.feedback, given.reason, $6, $7
  FROM jsonb_to_recordset($5::jsonb) AS given(view_of text, feedback text, reason text)
  ON CONFLICT (audit_id, view_of) DO UPDATE SET feedback = excluded.feedback, reason = excluded.reason,
    recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at),
findings AS (
  INSERT INTO audit_finding (audit_id, id, position, kind, domain, title, detail, themes)
  SELECT $1, given.* FROM jsonb_to_recordset($8::jsonb)
    AS given(id uuid, position smallint, kind text, domain text, title text, detail text, themes text[]))
INSERT INTO audit_participant (audit_id, position, part, level, post, agency, reference)
SELECT $1, given.* FROM jsonb_to_recordset($9::jsonb)
  AS given(position smallint, part text, level text, post text, agency text, reference text)
"""
_CLEAR = {
    "answers": "DELETE FROM audit_answer WHERE audit_id = $1 AND question = ANY($2::text[])",
    "findings": "DELETE FROM audit_finding WHERE audit_id = $1",
    "participants": "DELETE FROM audit_participant WHERE audit_id = $1",
}


async def write_parts(
    session: AsyncSession,
    audit: UUID,
    content: Content,
    answers: Mapping[str, Answer],
    by: str,
    at: datetime,
) -> None:
    """Store answers, views, findings and participants; answers and views merge, the others are added."""
    connection = await driver_connection(session)
    await connection.execute(
        _WRITE_PARTS,
        audit,
        list(answers),
        [answer.value for answer in answers.values()],
        [answer.rank for answer in answers.values()],
        json.dumps(_views(content)),
        by,
        at,
        json.dumps(_findings(content)),
        json.dumps(_participants(content)),
    )


async def clear_parts(session: AsyncSession, audit: UUID, content: Content, cleared: Sequence[str]) -> None:
    """Remove what an edit clears or replaces."""
    connection = await driver_connection(session)
    if cleared:
        await connection.execute(_CLEAR["answers"], audit, list(cleared))
    if content.findings is not None:
        await connection.execute(_CLEAR["findings"], audit)
    if content.participants is not None:
        await connection.execute(_CLEAR["participants"], audit)


def _views(content: Content) -> list[dict[str, Any]]:
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


def _findings(content: Content) -> list[dict[str, Any]]:
    return [
        {
            "id": str(new_id()), "position": place, "kind": finding.kind, "domain": finding.domain,
            "title": finding.title, "detail": finding.text, "themes": finding.themes,
        }
        for place, finding in enumerate(content.findings or ())
    ]  # fmt: skip


def _participants(content: Content) -> list[dict[str, Any]]:
    return [
        {"position": place, **participant.model_dump()} for place, participant in enumerate(content.participants or ())
    ]
