"""kill -9 exactly between the commit and the answer: the same key again has no second effect and gives that answer."""

from __future__ import annotations

import asyncio
import signal

import pytest
import sqlalchemy as sa

from faults.running.kinds import AUDITS, FIGURES, VIEWS
from faults.running.ledger import Kind
from tests.conftest import Running, Start
from tests.doses import dose
from tests.faults.last_breath import post_and_die


@pytest.mark.parametrize("kind", dose([VIEWS], [FIGURES, AUDITS, VIEWS]), ids=lambda kind: kind.service)
async def test_what_was_committed_and_never_answered_is_answered_to_the_same_key_and_done_once(
    start: Start, kind: Kind
) -> None:
    running = await start(kind.service)
    headers = {"Authorization": f"Bearer {running.token('admin')}", "Idempotency-Key": "last-breath"}
    body = kind.body(1)
    ended = await asyncio.to_thread(post_and_die, running, kind.path, body, headers)
    assert ended == -signal.SIGKILL, "the answer had begun"
    stored = await effects(running, kind)
    assert stored["deeds"] == 1, "it was committed before"
    client = await running.client()
    first, second = [await client.post(kind.path, json=body, headers=headers) for _ in range(2)]
    assert first.status_code in (200, 201), first.text
    assert first.headers["idempotency-replayed"] == "true"
    assert (first.content, first.headers.get("etag")) == (second.content, second.headers.get("etag"))
    assert await effects(running, kind) == stored
    asked = {"idempotency_key": "last-breath", "path": kind.path}
    assert (await client.get("/v1/stored", params=asked)).json()["outcome"] == "stored"
    if where := first.headers.get("location"):
        found = await client.get(where)
        assert found.json()["id"] == first.json()["id"]


async def effects(running: Running, kind: Kind) -> dict[str, int]:
    """How often it was done, by the log and by what is stored."""
    rows = {"indicator": "observation", "audit": "audit_answer", "feedback": "view"}[kind.service]
    async with running.database.snapshot() as session:
        counts = {"deeds": kind.deeds, "keys": "SELECT count(*) FROM idempotency_key",
                  "rows": f"SELECT count(*) FROM {rows}"}  # fmt: skip
        return {name: (await session.execute(sa.text(one))).scalar_one() for name, one in counts.items()}
