"""Bodies that have broken such services before, at every operation, where it stands with records of its own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.settings import SERVICES
from tests.documents import document_of
from tests.doses import dose, tell
from tests.embedded.bad_bodies import CANARY, corpus
from tests.embedded.test_every_text import FIRST, Fresh
from tests.embedded.test_request_examples import ANY_VERSION, BEFORE, GIVEN, Operation, operations

SIZE = dose(3, 300)
ID = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
async def client(made_run: Any, monkeypatch: pytest.MonkeyPatch) -> httpx.AsyncClient:
    for name, steps in FIRST.items():
        monkeypatch.setitem(BEFORE, name, steps)
    found: httpx.AsyncClient = await made_run("admin")
    return found


async def address(caller: Fresh, one: Operation) -> str:
    """Where the operation really stands, with what must be there before it where that can be made again."""
    Fresh.run += 1
    try:
        await caller.prepare(one.name)
    except AssertionError:
        caller.kept.clear()
    first = {key: str(values[0]) for key, values in one.parameters.items() if values}
    given = first | GIVEN.get(one.name, {}) | caller.kept
    path = one.path
    for key in one.parameters:
        path = path.replace(f"{{{key}}}", given.get(key, ID))
    query = "&".join(f"{key}={given[key]}" for key in one.required if f"{{{key}}}" not in one.path and key in given)
    return f"{path}?{query}" if query else path


async def test_no_body_brings_an_operation_down_or_is_repeated(client: httpx.AsyncClient) -> None:
    sent = tried = 0
    for service in SERVICES:
        document = document_of(service)
        known = {one.name: one for one in operations(document, f"/{service}")}
        caller = Fresh(client, known)
        for one in known.values():
            if one.method == "GET":
                continue
            path, tried = await address(caller, one), tried + 1
            media, example = one.bodies[0] if one.bodies else ("application/json", None)
            bodies = corpus(one.name, None if isinstance(example, str) else example, SIZE)
            assert len(bodies) == SIZE
            for bad in bodies:
                headers = {"Content-Type": media, "If-Match": ANY_VERSION, **bad.headers}
                answer = await client.request(one.method, path, content=bad.body, headers=headers)
                sent += 1
                assert answer.status_code < 500, (one.name, bad.what, bad.body[:300], answer.text)
                if answer.status_code >= 400:
                    assert answer.headers["content-type"] == "application/problem+json", (one.name, bad.what)
                    assert CANARY not in answer.text, (one.name, bad.what, answer.text)
    assert tried > 150
    await every_list_still_answers(client)
    tell(operations=tried, bodies=sent, answers_5xx=0)


async def every_list_still_answers(client: httpx.AsyncClient) -> None:
    for service in SERVICES:
        document = document_of(service)
        for one in operations(document, f"/{service}"):
            if one.method == "GET" and "{" not in one.path and not one.required:
                answer = await client.get(one.path)
                # What is asked for by one of two parameters needs one of them.
                assert answer.status_code == 200 or one.name == "get_stored", (one.name, answer.text)
