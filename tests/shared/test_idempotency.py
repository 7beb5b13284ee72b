"""A POST sent twice does its work once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import Request
from starlette.types import Message

from shared.auth.caller import system_caller
from shared.idempotency import forget_old_keys, once, once_written
from tests.conftest import Running

PATH = "/v1/framework/applications"


def application(name: str = "Synthetic theme") -> dict[str, Any]:
    content = {
        "code": "synthetic",
        "name": name,
        "scope": "local",
        "description": "For a test.",
        "valid_from": "2020-01-01",
    }
    return {"items": [{"kind": "themes", "code": "synthetic", "content": content}]}


@pytest.fixture
async def audit(start) -> Running:  # type: ignore[no-untyped-def]
    return await start("audit", dorset=False)


async def deeds(audit: Running) -> int:
    async with audit.database.snapshot() as session:
        return int((await session.execute(sa.text("SELECT count(*) FROM activity"))).scalar_one())


async def test_the_same_key_and_body_give_the_first_answer_again(audit: Running) -> None:
    client = await audit.client()
    first = await client.post(PATH, json=application(), headers={"Idempotency-Key": "one"})
    again = await client.post(PATH, json=application(), headers={"Idempotency-Key": "one"})
    assert first.status_code == again.status_code == 200, first.text
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await deeds(audit) == 1


async def test_another_body_under_the_same_key_is_refused(audit: Running) -> None:
    client = await audit.client()
    await client.post(PATH, json=application(), headers={"Idempotency-Key": "one"})
    other = await client.post(PATH, json=application("Other"), headers={"Idempotency-Key": "one"})
    assert other.status_code == 422
    assert other.json()["type"].endswith("/idempotency-key-reused")
    assert await deeds(audit) == 1


async def test_the_key_belongs_to_its_caller(audit: Running) -> None:
    one, two = await audit.client(subject="one"), await audit.client(subject="two")
    await one.post(PATH, json=application(), headers={"Idempotency-Key": "k"})
    other = await two.post(PATH, json=application("Other"), headers={"Idempotency-Key": "k"})
    assert other.status_code == 200
    assert await deeds(audit) == 2


async def test_a_refused_request_leaves_its_key_free(audit: Running) -> None:
    client = await audit.client()
    bad = {"items": [{"kind": "nonsense", "code": "a", "content": {}}]}
    assert (await client.post(PATH, json=bad, headers={"Idempotency-Key": "k"})).status_code == 422
    assert (await client.post(PATH, json=application(), headers={"Idempotency-Key": "k"})).status_code == 200


async def test_five_at_once_have_one_effect(audit: Running) -> None:
    client = await audit.client()
    sending = [client.post(PATH, json=application(), headers={"Idempotency-Key": "k"}) for _ in range(5)]
    answers = await asyncio.gather(*sending)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert all(a.json()["type"].endswith("/idempotency-key-in-flight") for a in answers if a.status_code == 409)
    assert await deeds(audit) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "caf\u00e9", "two words"])
async def test_an_unusable_key_is_refused(audit: Running, key: str) -> None:
    client = await audit.client()
    answer = await client.post(PATH, json=application(), headers={"Idempotency-Key": key.encode("latin-1")})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"


async def test_two_keys_in_one_request_are_none(audit: Running) -> None:
    client = await audit.client()
    keys = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    answer = await client.post(PATH, json=application(), headers=keys)
    assert answer.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"
    assert await deeds(audit) == 0


@pytest.mark.parametrize("open_", [once, once_written])
async def test_a_body_that_no_operation_reads_is_waited_for_before_the_transaction(audit: Running, open_: Any) -> None:
    used: list[int] = []

    async def receive() -> Message:
        figures = audit.database.pool_figures()
        used.append(figures["in_use"])
        return {"type": "http.request", "body": b"{}"}

    scope = {
        "type": "http", "method": "POST", "path": PATH, "query_string": b"", "server": ("audit", 80),
        "headers": [(b"idempotency-key", b"one")],
    }  # fmt: skip
    async with open_(Request(scope, receive), audit.database, system_caller("slow")):
        assert used == [0]


async def test_old_keys_are_forgotten(audit: Running) -> None:
    client = await audit.client()
    await client.post(PATH, json=application(), headers={"Idempotency-Key": "k"})
    assert await forget_old_keys(audit.database, 72) == 0
    async with audit.database.transaction() as session:
        await session.execute(sa.text("UPDATE idempotency_key SET created_at = now() - interval '73 hours'"))
    assert await forget_old_keys(audit.database, 72) == 1


async def test_a_replay_needs_the_powers_the_answer_was_given_to(audit: Running) -> None:
    first = await audit.client("admin", subject="one")
    await first.post(PATH, json=application(), headers={"Idempotency-Key": "k"})
    changed = audit.issuer.token("one", ["admin", "practitioner"])
    headers = {"Idempotency-Key": "k", "Authorization": f"Bearer {changed}"}
    answer = await first.post(PATH, json=application(), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/idempotency-key-reused")
