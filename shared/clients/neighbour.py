"""Calls from one service to another: typed, bounded in time and size, tried again where that helps."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

import httpx
from pydantic import BaseModel
from starlette.types import ASGIApp
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)
from tenacity.stop import stop_before_delay

from shared.breaker import Breaker, CircuitOpen, Permit
from shared.clients.answers import RETRYABLE, UNWELL, Answer, NeighbourUnavailable
from shared.clients.exchange import Fetched, fetch, parse
from shared.clients.held import HeldAnswer, room_for
from shared.clients.in_process import InProcessTransport
from shared.clock import Clock, SystemClock
from shared.ids import new_id
from shared.logging import current_request_id, get_logger

Model = TypeVar("Model", bound=BaseModel)
TokenSource = Callable[[], Awaitable[str]]
Params = Mapping[str, str | int | bool | Sequence[str] | None]
# Told the neighbour's name, how the call ended (a reason, or "ok") and the seconds it took.
Observer = Callable[[str, str, float], None]

DEADLINE = 5.0
RETRIES = 2
MAX_BODY = 8 * 1024 * 1024
# Read, an answer takes some ten times as much room as it was long.
_HELD_BYTES = 4 * 1024 * 1024
_CONNECT_SECONDS = 2.0
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "qapf"}
_PATH = re.compile(r"(?!.*//)(?!.*/\.\.?(/|$))/[A-Za-z0-9._~:,=+/-]*")
_jitter = wait_random_exponential(multiplier=0.05, max=1.0)

log = get_logger(__name__)


class _Question(NamedTuple):
    """What is asked, and the tag of the answer held to it."""

    path: str
    query: Mapping[str, str | int | bool | Sequence[str]]
    held: str | None


class Neighbour:
    """One other service: over HTTP at `base_url`, or in this process as `asgi_app` under `root_path`."""

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        asgi_app: ASGIApp | None = None,
        root_path: str = "",
        token: TokenSource | None = None,
        deadline: float = DEADLINE,
        retries: int = RETRIES,
        breaker: Breaker | None = None,
        max_body: int = MAX_BODY,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
        observe: Observer | None = None,
    ) -> None:
        if (base_url is None) == (asgi_app is None):
            raise ValueError("a neighbour has either a base_url or an asgi_app")
        self.name = name
        self.breaker = breaker or Breaker()
        self._token = token
        self._deadline = deadline
        self._retries = retries
        self._max_body = max_body
        self._clock = clock or SystemClock()
        self._observe = observe
        self._held = room_for(_HELD_BYTES)
        # Parsed here, so that an address nobody could ask stops the start and not each question.
        self._address = str(httpx.URL(base_url or f"http://{name}{root_path}")).rstrip("/")
        self._transport = (
            InProcessTransport(asgi_app, max_body=max_body, root_path=root_path)
            if asgi_app
            else _open_transport(self._address, tls)
        )

    async def get(
        self,
        path: str,
        params: Params | None,
        model: type[Model],
        *,
        token: str | None = None,
        deadline: float | None = None,
        hold: bool = False,
    ) -> Answer[Model]:
        """The answer, or NeighbourUnavailable within the deadline, which covers every retry.

        `token` is the caller's own bearer, passed on so that its scope goes with the question; without it the
        neighbour's token source is asked. Data without its own `as_of` or `as_at` holds from when it was asked for.

        `hold` is for a long answer whose tag names its content, whoever it was told: what was read is held, and the
        neighbour asked whether it would tell this caller the same now. Nobody may change it.
        """
        if not _PATH.fullmatch(path):
            raise ValueError("a path starts with a slash and holds plain segments only")
        began, asked_at = time.perf_counter(), self._clock.now()
        query = {name: value for name, value in (params or {}).items() if value is not None}
        key = (path, repr(query), model)
        held = self._held.get(key) if hold else None
        try:
            limit = self._deadline if deadline is None else deadline
            with self.breaker.enter() as permit:
                found = await self._judged(permit, _Question(path, query, held.etag if held else None), token, limit)
            data = self._read(found, model, held)
        except CircuitOpen as refusal:
            failure = NeighbourUnavailable(self.name, "open_circuit", refusal.retry_in)
            self._conclude(failure.reason, began)
            raise failure from None
        except NeighbourUnavailable as failure:
            self._conclude(failure.reason, began)
            raise
        # A tag that is not ASCII could not be sent back.
        if hold and found.body is not None and found.etag is not None and found.etag.isascii():
            self._held.put(key, HeldAnswer(data, found.etag, len(found.body)))
        as_of = asked_at if found.stands_now and "as_at" not in query else _as_of(data, asked_at)
        return Answer(data=data, as_of=as_of, etag=found.etag, duration=self._conclude("ok", began))

    def _read(self, found: Fetched, model: type[Model], held: HeldAnswer | None) -> Model:
        if found.body is not None:
            return parse(self.name, found.body, model)
        assert held is not None and isinstance(held.data, model)
        return held.data

    async def _judged(self, permit: Permit, question: _Question, token: str | None, limit: float) -> Fetched:
        """What came, with the breaker told how the neighbour is."""
        bearer: str | None = None
        try:
            async with asyncio.timeout(limit):
                bearer = token or await self._own_token()
                found = await self._retried(question, bearer, limit)
        except TimeoutError:
            if bearer is None:
                raise NeighbourUnavailable(self.name, "no_token") from None
            permit.failed()
            raise NeighbourUnavailable(self.name, "timeout") from None
        except NeighbourUnavailable as failure:
            if failure.reason in UNWELL:
                permit.failed()
            elif failure.reason != "no_token":
                permit.succeeded()
            raise
        permit.succeeded()
        return found

    async def _own_token(self) -> str:
        if self._token is None:
            return ""
        try:
            return await self._token()
        except Exception as error:
            log.warning("no token for a neighbour", neighbour=self.name, exc_info=error)
            raise NeighbourUnavailable(self.name, "no_token") from error

    async def _retried(self, question: _Question, bearer: str, limit: float) -> Fetched:
        headers = {**_HEADERS, "X-Request-ID": current_request_id() or str(new_id())}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        if question.held is not None:
            headers["If-None-Match"] = question.held

        async def once() -> Fetched:
            # A handshake cut off by the deadline would leave its socket open; one that times out closes it.
            timeout = httpx.Timeout(None, connect=min(_CONNECT_SECONDS, limit / 2)).as_dict()
            request = httpx.Request(
                "GET", f"{self._address}{question.path}", params=question.query or None, headers=headers,
                extensions={"timeout": timeout},
            )  # fmt: skip
            return await fetch(self._transport, self.name, request, max_body=self._max_body, clock=self._clock)

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda e: isinstance(e, NeighbourUnavailable) and e.reason in RETRYABLE),
            # A pause that would outlast the deadline is not begun: the reason is told at once instead.
            stop=stop_after_attempt(self._retries + 1) | stop_before_delay(limit),
            wait=_pause,
            reraise=True,
        )
        return await retrying(once)

    def _conclude(self, outcome: str, began: float) -> float:
        seconds = time.perf_counter() - began
        if outcome != "ok":
            log.warning(
                "neighbour unavailable",
                neighbour=self.name,
                reason=outcome,
                duration_ms=round(seconds * 1000, 1),
            )
        if self._observe is not None:
            self._observe(self.name, outcome, seconds)
        return seconds

    async def aclose(self) -> None:
        await self._transport.aclose()


def _pause(state: RetryCallState) -> float:
    """A short while, at random, so that many callers do not come back as one; longer where asked for."""
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.retry_after if isinstance(failure, NeighbourUnavailable) else None
    return (asked or 0.0) + _jitter(state)


def _as_of(data: BaseModel, asked_at: datetime) -> datetime:
    told = (getattr(data, name, None) for name in ("as_at", "as_of"))
    return next((one for one in told if isinstance(one, datetime) and one.utcoffset() is not None), asked_at)


def _open_transport(address: str, tls: ssl.SSLContext | None) -> httpx.AsyncHTTPTransport:
    """Kept connections and nothing above them: no proxies of the environment, redirects, cookies or passwords."""
    # Loading the authorities takes longer than a call; without TLS a context that trusts none will do.
    trust = True if address.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Connections are let go before uvicorn's five idle seconds are over and it closes them itself.
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=4.0)
    return httpx.AsyncHTTPTransport(verify=tls or trust, trust_env=False, limits=limits)
