"""A service asked at its door, as the web server asks it: for tests that send thousands of requests.

A client of httpx takes longer over a request than a service over most of those answers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from starlette.types import ASGIApp

_KEPT = "/%:@!$&'()*+,;=?~-._"


@dataclass
class Answer:
    """What came back, a fault of the service where nothing did; the names of headers are small."""

    status_code: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class Door:
    """One caller at the door of one application, with the headers of each of its requests."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app, self._headers = app, {"host": "qapf", **headers}

    async def get(self, target: str) -> Answer:
        return await self.request("GET", target)

    async def request(
        self, method: str, target: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        path, _, query = target.partition("?")
        raw = quote(path, safe=_KEPT)
        named = self._headers | {"content-length": str(len(content))} | dict(headers or {})
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": method, "scheme": "http", "path": unquote(raw), "raw_path": raw.encode(), "root_path": "",
            "query_string": quote(query, safe=_KEPT).encode(), "client": ("127.0.0.1", 123), "server": ("qapf", 80),
            "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()], "state": {},
        }  # fmt: skip
        bodies, answer = iter([content]), Answer()

        async def receive() -> dict[str, Any]:
            for body in bodies:
                return {"type": "http.request", "body": body, "more_body": False}
            # Whoever waits for the answer has not hung up.
            never: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
            return await never

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status_code = message["status"]
                answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            else:
                answer.content += message.get("body", b"")

        await self._app(scope, receive, send)
        return answer
