"""The floor of posting an audit: a bare ASGI application that stores the same rows in one transaction with the driver.

It checks nothing and knows no caller; its answer is the audit's id.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

import asyncpg
import jiter

AUDIT = """
INSERT INTO audit (id, tool, tool_version, audit_type, announced, unit, case_reference, auditor, auditor_unit,
  required_views, status, quality_grade, outcomes_grade, process_grade, counts_on, submitted_on, submitted_at,
  submitted_by, allocated_by, allocated_at, version)
VALUES ($1, $2, 1, 'single_case', true, $3, $4, $5, $6, $7, 'submitted', $8, $9, $10, $11, $11, $12, $5, $5, $12, 1)
"""
PARTS = """
WITH answers AS (
  INSERT INTO audit_answer (audit_id, question, value, rank)
  SELECT $1, given.* FROM unnest($2::text[], $3::text[], $4::smallint[]) AS given),
views AS (
  INSERT INTO audit_view (audit_id, view_of, feedback, reason, recorded_by, recorded_at)
  SELECT $1, given.view_of, given.feedback, given.reason, $6, $7
  FROM jsonb_to_recordset($5::jsonb) AS given(view_of text, feedback text, reason text)),
findings AS (
  INSERT INTO audit_finding (audit_id, id, position, kind, domain, title, detail, themes)
  SELECT $1, given.* FROM jsonb_to_recordset($8::jsonb)
    AS given(id uuid, position smallint, kind text, domain text, title text, detail text, themes text[])),
deed AS (
  INSERT INTO activity (id, actor, action, subject_type, subject_id, unit, request_id, salt, digest, data)
  VALUES ($9, $6, 'audit.submitted', 'audit', $1::text, $10, $11, $12, $13, '{}'::jsonb) RETURNING id)
INSERT INTO activity_pending (activity_id) SELECT id FROM deed
"""
RANKS = {"inadequate": 1, "requires_improvement": 2, "good": 3, "outstanding": 4, "yes": 1, "no": 0}
DOMAINS = ("intervention_overall", "outcomes_overall", "process_overall")
_held: dict[str, Any] = {}
_opening = asyncio.Lock()


async def pool() -> asyncpg.Pool:
    """The pool, opened with the first request."""
    async with _opening:
        if "pool" in _held:
            return _held["pool"]
        url = re.sub(r"^postgresql\+asyncpg", "postgresql", os.environ["QAPF_AUDIT_DATABASE_URL"])
        _held["pool"] = await asyncpg.create_pool(url, min_size=16, max_size=16)
        return _held["pool"]


async def store(audit: dict[str, Any], by: str = "benchmark") -> uuid.UUID:
    """The audit's row, its parts and the deed, committed; returns its id."""
    found, now, answers = uuid.uuid4(), datetime.now(UTC), audit["answers"]
    views = [{"view_of": name, **view} for name, view in audit["views"].items()]
    findings = [
        {"id": str(uuid.uuid4()), "position": place, "detail": one.get("text"), **one}
        for place, one in enumerate(audit["findings"])
    ]
    ranks = [value if isinstance(value, int) else RANKS.get(value) for value in answers.values()]
    async with (await pool()).acquire() as connection, connection.transaction():
        await connection.execute(
            AUDIT, found, audit["tool"], audit["unit"], audit["case_reference"], by, audit["auditor_unit"],
            sorted(audit["views"]), *(answers[domain] for domain in DOMAINS), now.date(), now,
        )  # fmt: skip
        await connection.execute(
            PARTS, found, list(answers), [str(value) for value in answers.values()], ranks, json.dumps(views),
            by, now, json.dumps(findings), uuid.uuid4(), audit["unit"], uuid.uuid4().hex,
            secrets.token_bytes(16), secrets.token_bytes(32),
        )  # fmt: skip
    return found


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Takes the body whole and answers the id."""
    if scope["type"] != "http":
        return
    pieces, more = [], True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    answer = b"{}"
    if scope["method"] == "POST":
        answer = f'{{"id":"{await store(jiter.from_json(b"".join(pieces)))}"}}'.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
