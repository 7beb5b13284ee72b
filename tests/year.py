"""A year that is told day by day: the clock of a service, and the people who call it by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.conftest import Running

Body = dict[str, Any]


class Callers:
    """The service, the people who call it with the role and unit of each, and what they were told on the way."""

    def __init__(self, running: Running, who: Mapping[str, tuple[str | None, str | None]]) -> None:
        self.running, self.who = running, who
        self.people: dict[str, httpx.AsyncClient] = {}
        self.told: dict[str, Any] = {}

    def go(self, day: str, time: str = "09:00") -> None:
        at = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)
        assert at >= self.running.clock.now(), "time does not go back"
        self.running.clock.advance(at - self.running.clock.now())

    async def call(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        if who not in self.people:
            role, unit = self.who[who]
            self.people[who] = await self.running.client(role, unit, subject=who.replace(" ", "-").replace("'", ""))
        version = more.pop("version", None)
        headers = more.pop("headers", {}) | ({} if version is None else {"If-Match": f'"{version}"'})
        return await self.people[who].request(method, f"/v1/{path}", json=body, headers=headers, **more)

    async def do(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> Body:
        """A call that must succeed."""
        answer = await self.call(who, method, path, body, **more)
        assert answer.is_success, (who, method, path, answer.text)
        found: Body = answer.json() if answer.content else {}
        return found

    async def read(self, who: str, path: str, **query: Any) -> Body:
        return await self.do(who, "GET", path, params=query)

    async def refused(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
        """What refuses a call: its status and the last part of its type."""
        answer = await self.call(who, method, path, body, **more)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, str(answer.json()["type"]).rsplit("/", 1)[-1]
