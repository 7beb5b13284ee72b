"""Words put forward by one person and approved by another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Act = Callable[..., Awaitable[Any]]


@pytest.fixture
def propose(feedback: Any) -> Act:
    """Put a view's words forward as the practitioner of Weymouth; further fields go into the proposal."""

    async def put(view: str, **fields: Any) -> Any:
        client = await feedback.client("practitioner", unit=fields.pop("unit", "fs_weymouth"))
        body = {"subject_kind": "view", "subject_ref": view, "field": "what_works"} | fields
        return await client.post("/v1/quotations", json=body)

    return put


@pytest.fixture
def act(feedback: Any) -> Act:
    """Do something to a quotation at the version it stands at, as a role (its words PATCHed where `text` is given)."""

    async def do(quotation: str, what: str, role: str = "qa_manager", **body: Any) -> Any:
        client = await feedback.client(role)
        path = f"/v1/quotations/{quotation}"
        version = (await (await feedback.client("admin")).get(path)).json()["version"]
        headers = {"If-Match": f'"{version}"'}
        if what == "redact":
            return await client.patch(path, json=body, headers=headers)
        return await client.post(f"{path}/{what}", json=body, headers=headers)

    return do


@pytest.fixture
def crowd(feedback: Any, a_view: Callable[..., dict[str, Any]]) -> Act:
    """So many views without words, to be one of."""

    async def speak(n: int, **fields: Any) -> None:
        client = await feedback.client("admin")
        answer = await client.post("/v1/views/imports", json={"items": [a_view(**fields) for _ in range(n)]})
        assert answer.status_code == 200, answer.text

    return speak


@pytest.fixture
def record(feedback: Any, a_view: Callable[..., dict[str, Any]]) -> Act:
    """The id of a view with these words, recorded by its unit."""

    async def put(words: str, **fields: Any) -> str:
        client = await feedback.client("admin")
        answer = await client.post("/v1/views", json=a_view(what_works=words, **fields))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return put


@pytest.fixture
def read(feedback: Any) -> Act:
    """The approved words a head of service is given of the quarter."""

    async def get(role: str = "head_of_service", unit: str | None = None, **query: Any) -> list[dict[str, Any]]:
        client = await feedback.client(role, unit=unit)
        answer = await client.get("/v1/approved-words", params={"period": "FY2026-27-Q3"} | query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    return get
