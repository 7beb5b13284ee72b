"""The floor of posting a view or a complaint: a bare ASGI application that stores the same rows in one transaction.

It checks nothing and knows no caller; its answer is the record's id.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import uuid
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import jiter

VIEW = """
INSERT INTO view (id, version, recorded_by, recorded_at, changed_at, source_hash, unit, themes, source, source_ref,
  channel, respondent_group, given_on, age_band, rating, sentiment, what_works, what_should_change, consent,
  safeguarding_flag, flag_reasons)
VALUES ($1, 1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, false, '{}')
"""
LINKS = "INSERT INTO view_link (view_id, kind, ref) SELECT $1, given.* FROM unnest($2::text[], $3::text[]) AS given"
COMPLAINT = """
INSERT INTO complaint (id, version, recorded_by, recorded_at, changed_at, source_hash, unit, themes, respond_ref,
  received_on, respondent_group, procedure, eligible, consent_given, status, outcome, closed_on, learning, improvement,
  learning_by, learning_at)
VALUES ($1, 1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'closed', $13, $14, $15, $16, $2, $3)
"""
STAGE = """
INSERT INTO complaint_stage (complaint_id, stage, run, position, started_on, ended_on, outcome, clock_starts_on,
  statutory_due_on, local_due_on)
VALUES ($1, $2, 1, 1, $3, $4, $5, $3, $6, $6)
"""
DEED = """
WITH deed AS (
  INSERT INTO activity (id, actor, action, subject_type, subject_id, unit, request_id, salt, digest, data)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '{}'::jsonb) RETURNING id)
INSERT INTO activity_pending (activity_id) SELECT id FROM deed
"""
_held: dict[str, Any] = {}
_opening = asyncio.Lock()


async def pool() -> asyncpg.Pool:
    """The pool, opened with the first request."""
    async with _opening:
        if "pool" in _held:
            return _held["pool"]
        url = re.sub(r"^postgresql\+asyncpg", "postgresql", os.environ["QAPF_FEEDBACK_DATABASE_URL"])
        _held["pool"] = await asyncpg.create_pool(url, min_size=16, max_size=16)
        return _held["pool"]


def _deed(action: str, kind: str, subject: str, unit: str, by: str) -> list[Any]:
    salt, digest = secrets.token_bytes(16), secrets.token_bytes(32)
    return [uuid.uuid4(), by, action, kind, subject, unit, uuid.uuid4().hex, salt, digest]


async def store_view(view: dict[str, Any], by: str = "benchmark") -> uuid.UUID:
    """The view's row, its links and the deed, committed; returns its id."""
    found, now, links = uuid.uuid4(), datetime.now(UTC), view["links"]
    async with (await pool()).acquire() as connection, connection.transaction():
        await connection.execute(
            VIEW, found, by, now, secrets.token_bytes(32), view["unit"], view["themes"], view["source"],
            view["source_ref"], view["channel"], view["respondent_group"], date.fromisoformat(view["given_on"]),
            view["age_band"], view["rating"], view["sentiment"], view["what_works"], view["what_should_change"],
            view["consent"],
        )  # fmt: skip
        await connection.execute(LINKS, found, [one["kind"] for one in links], [one["ref"] for one in links])
        await connection.execute(DEED, *_deed("view.recorded", "view", str(found), view["unit"], by))
    return found


async def store_complaint(complaint: dict[str, Any], due: date, by: str = "benchmark") -> uuid.UUID:
    """The complaint's row, its stage and the deed, committed; returns its id."""
    found, now, (stage,) = uuid.uuid4(), datetime.now(UTC), complaint["stages"]
    began, ended = date.fromisoformat(stage["started_on"]), date.fromisoformat(stage["ended_on"])
    async with (await pool()).acquire() as connection, connection.transaction():
        await connection.execute(
            COMPLAINT, found, by, now, secrets.token_bytes(32), complaint["unit"], complaint["themes"],
            complaint["respond_ref"], date.fromisoformat(complaint["received_on"]), complaint["respondent_group"],
            complaint["procedure"], complaint["eligible"], complaint["consent_given"], stage["outcome"], ended,
            complaint["learning"], complaint["improvement"],
        )  # fmt: skip
        await connection.execute(STAGE, found, stage["stage"], began, ended, stage["outcome"], due)
        deed = _deed("complaint.recorded", "complaint", complaint["respond_ref"], complaint["unit"], by)
        await connection.execute(DEED, *deed)
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
        sent = jiter.from_json(b"".join(pieces))
        if scope["path"] == "/v1/views":
            found = await store_view(sent)
        else:
            found = await store_complaint(sent, date.fromisoformat(sent["received_on"]))
        answer = f'{{"id":"{found}"}}'.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
