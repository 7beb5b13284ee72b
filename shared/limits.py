"""Middleware that bounds a request before anything looks at it: size, time, and characters no store can hold."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.problems import BadRequest, Fault, Malformed, Problem, TooLarge, Unavailable, problem_response
from shared.request_telemetry import has_begun

_CHUNK_SECONDS = 20.0
# What says where a request goes and how its body is to be read: of two, somebody before us may have read the other.
_GIVEN_ONCE = (b"host", b"content-type", b"content-encoding", b"content-length")


class Limits:
    """What streams has no total time: a file posted to `/imports`, `/comparisons` or `/files` or put at `/open-cases`,
    which may be larger; an export or an extract."""

    def __init__(self, app: ASGIApp, *, max_body: int, max_import: int, seconds: float) -> None:
        self._app, self._max_body, self._max_import, self._seconds = app, max_body, max_import, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        takes_a_file = _takes_a_file(scope)
        limit = self._max_import if takes_a_file else self._max_body
        refusal = _refusal(scope, limit)
        if refusal is not None:
            await problem_response(Request(scope), refusal)(scope, receive, send)
            return
        try:
            endless = takes_a_file or _gives_a_file(scope)
            async with asyncio.timeout(None if endless else self._seconds):
                await self._app(scope, _bounded(limit, receive), send)
        except TimeoutError:
            if has_begun(scope):
                raise
            late = Unavailable("The request took too long and was given up.", retry_after=10)
            await problem_response(Request(scope), late)(scope, receive, send)


def _refusal(scope: Scope, limit: int) -> Problem | None:
    names = [name for name, _ in scope["headers"]]
    if len(names) > len(set(names)):
        twice = [name.decode().title() for name in _GIVEN_ONCE if names.count(name) > 1]
        if twice:
            faults = [Fault(f"/header/{name}", "repeated_header", "give this once") for name in twice]
            return BadRequest("A header that has one value was given several.", errors=faults)
    if b"upgrade" in names and _has_body(scope):
        # The server's parser ends such a request with its head: it would be read here as one without a body.
        fault = Fault("/header/Upgrade", "upgrade", "send a body without Upgrade: only HTTP/1.1 is spoken here")
        return BadRequest("A request with a body cannot ask for another protocol.", errors=[fault])
    query = scope.get("query_string", b"")
    if b"%00" in query or "\x00" in scope["path"]:
        fault = Fault("/query", "nul_character", "there is a NUL character in the address")
        return Malformed("The address holds a character that cannot be stored.", errors=[fault])
    if "\ufffd" in scope["path"] or (query and _undecodable(query)):
        fault = Fault("/query", "not_utf8", "the address is not UTF-8")
        return Malformed("The address cannot be read.", errors=[fault])
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if declared.isdigit() and int(declared[:20]) > limit:
        return TooLarge(f"At most {limit} bytes are taken here.")
    return None


def _has_body(scope: Scope) -> bool:
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
               for name, value in scope["headers"])  # fmt: skip


def _bounded(limit: int, receive: Receive) -> Receive:
    taken, more = 0, True

    async def bounded() -> Message:
        nonlocal taken, more
        # Only while a body is expected: after it, `receive` rightly waits for the caller to hang up.
        try:
            async with asyncio.timeout(_CHUNK_SECONDS if more else None):
                message = await receive()
        except TimeoutError:
            late = Unavailable("The body came too slowly.", retry_after=5)
            raise late from None
        if message["type"] == "http.request":
            more = message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge(f"At most {limit} bytes are taken here.")
        return message

    return bounded


def _takes_a_file(scope: Scope) -> bool:
    # Only where a file is posted: a record may have the code `imports` and end the path of another operation.
    posted = scope["method"] == "POST" and scope["path"].endswith(("/imports", "/comparisons", "/files"))
    return bool(posted or (scope["method"] == "PUT" and scope["path"].endswith("/open-cases")))


def _gives_a_file(scope: Scope) -> bool:
    streamed = "/exports/" in scope["path"] or "/extracts/" in scope["path"]
    return bool(scope["method"] == "GET" and streamed and scope["path"].endswith((".csv", ".ndjson")))


def _undecodable(query: bytes) -> bool:
    try:
        unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


class SecurityHeaders:
    """The headers every answer carries, and those left for it by what admitted the request; answers are for the caller
    alone unless a route says otherwise.

    Whoever asks for another protocol is parted from: to the server the rest of what he sends is the next request.
    """

    _ALWAYS = (
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-frame-options", b"DENY"),
        (b"cache-control", b"private, no-cache"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *[pair for pair in self._ALWAYS if pair[0] not in present],
                    *_left_for(scope),
                    *([(b"connection", b"close")] if any(name == b"upgrade" for name, _ in scope["headers"]) else ()),
                ]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def _left_for(scope: Scope) -> list[tuple[bytes, bytes]]:
    left: dict[str, str] = scope.get("state", {}).get("answer_headers", {})
    return [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in left.items()]
