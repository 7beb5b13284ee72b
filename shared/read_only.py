"""Read-only mode: while it lasts a service answers every reading and takes no change, and says when to come again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.problems import Unavailable, problem_response

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_COME_AGAIN_SECONDS = 60


class ReadOnly(Unavailable):
    """Operations hold all changes for a while; reading goes on. Nothing was stored: wait as long as Retry-After
    says and send the same again, with the same Idempotency-Key."""

    slug, title = "read-only", "Nothing can be changed at the moment"

    def __init__(self, detail: str | None = None, **keywords: Any) -> None:
        super().__init__(detail, retry_after=_COME_AGAIN_SECONDS, **keywords)


class ReadOnlyMode:
    """Refuses what is not a reading, before its body is sent. Who read what is still written down.

    `posted` are the operations that only work something out of a body.
    """

    def __init__(self, app: ASGIApp, *, posted: Sequence[BaseRoute]) -> None:
        self._app, self._posted = app, posted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._reads(scope):
            await problem_response(Request(scope), ReadOnly())(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _reads(self, scope: Scope) -> bool:
        return scope["method"] in _READING or any(one.matches(scope)[0] is Match.FULL for one in self._posted)
