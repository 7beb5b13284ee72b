"""A complaint in the hand of its manager."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]


class Handling:
    """One complaint and the hand that moves it, always with the version it last saw."""

    def __init__(self, client: Any, answer: Any) -> None:
        self.client, self.answer, self.etag = client, answer, answer.headers["etag"]
        self.path = answer.headers["location"]

    async def do(self, what: str, **body: Any) -> Any:
        self.answer = await self.client.post(f"{self.path}/{what}", json=body, headers={"If-Match": self.etag})
        self.etag = self.answer.headers.get("etag", self.etag)
        return self.answer

    async def change(self, path: str = "", **body: Any) -> Any:
        answer = await self.client.patch(f"{self.path}{path}", json=body, headers={"If-Match": self.etag})
        assert answer.status_code == 200, answer.text
        self.etag = answer.headers["etag"]
        return answer.json()

    async def must(self, what: str, **body: Any) -> dict[str, Any]:
        answer = await self.do(what, **body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def cannot(self, what: str, problem: str, **body: Any) -> Any:
        answer = await self.do(what, **body)
        assert (answer.status_code, answer.json()["type"]) == (409, f"/problems/{problem}"), answer.text
        return answer.json()


@pytest.fixture
def begin(a_complaint: Make) -> Any:
    async def handle(feedback: Any, **fields: Any) -> Handling:
        client = await feedback.client("complaints_manager")
        answer = await client.post("/v1/complaints", json=a_complaint(**fields))
        assert answer.status_code == 201, answer.text
        return Handling(client, answer)

    return handle
