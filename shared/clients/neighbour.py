"""Calls from one service to another: typed, bounded in time and size, tried again where that helps."""

import asyncio
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

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
from shared.clients.exchange import fetch, parse
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
_CONNECT_SECONDS = 2.0
_PATH = re.compile(r"(?!.*//)(?!.*/\.\.?(/|$))/[A-Za-z0-9._~:,=+/-]*")
_jitter = wait_random_exponential(multiplier=0.05, max=1.0)

log = get_logger(__name__)


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
        self._client = _open_client(
            base_url or f"http://{name}{root_path}",
            InProcessTransport(asgi_app, max_body=max_body, root_path=root_path) if asgi_app else None,
            tls,
        )

    async def get(
        self,
        path: str,
        params: Params | None,
        model: type[Model],
        *,
        token: str | None = None,
        deadline: float | None = None,
    ) -> Answer[Model]:
        """The answer, or NeighbourUnavailable within the deadline, which covers every retry.

        `token` is the caller's own bearer, passed on so that its scope goes with the question; without it the
        neighbour's token source is asked. Data without its own `as_of` holds from when it was asked for.
        """
        if not _PATH.fullmatch(path):
            raise ValueError("a path starts with a slash and holds plain segments only")
        began, asked_at = time.perf_counter(), self._clock.now()
        try:
            limit = self._deadline if deadline is None else deadline
            with self.breaker.enter() as permit:
                body, etag = await self._judged(permit, path, params, token, limit)
            data = parse(self.name, body, model)
        except CircuitOpen as refusal:
            failure = NeighbourUnavailable(self.name, "open_circuit", refusal.retry_in)
            self._conclude(failure.reason, began)
            raise failure from None
        except NeighbourUnavailable as failure:
            self._conclude(failure.reason, began)
            raise
        seconds = self._conclude("ok", began)
        return Answer(data=data, as_of=_as_of(data, asked_at), etag=etag, duration=seconds)

    async def _judged(
        self, permit: Permit, path: str, params: Params | None, token: str | None, limit: float
    ) -> tuple[bytes, str | None]:
        """The body, with the breaker told how the neighbour is."""
        bearer: str | None = None
        try:
            async with asyncio.timeout(limit):
                bearer = token or await self._own_token()
                found = await self._retried(path, params, bearer, limit)
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

    async def _retried(self, path: str, params: Params | None, bearer: str, limit: float) -> tuple[bytes, str | None]:
        query = {name: value for name, value in (params or {}).items() if value is not None}
        headers = {"X-Request-ID": current_request_id() or str(new_id())}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"

        async def once() -> tuple[bytes, str | None]:
            # A handshake cut off by the deadline would leave its socket open; one that times out closes it.
            timeout = httpx.Timeout(None, connect=min(_CONNECT_SECONDS, limit / 2))
            request = self._client.build_request("GET", path, params=query, headers=headers, timeout=timeout)
            return await fetch(self._client, self.name, request, max_body=self._max_body, clock=self._clock)

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
        await self._client.aclose()


def _pause(state: RetryCallState) -> float:
    """A short while, at random, so that many callers do not come back as one; longer where asked for."""
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.retry_after if isinstance(failure, NeighbourUnavailable) else None
    return (asked or 0.0) + _jitter(state)


def _as_of(data: BaseModel, asked_at: datetime) -> datetime:
    told = getattr(data, "as_of", None)
    return told if isinstance(told, datetime) and told.utcoffset() is not None else asked_at


def _open_client(
    base_url: str, transport: httpx.AsyncBaseTransport | None, tls: ssl.SSLContext | None
) -> httpx.AsyncClient:
    # Loading the authorities takes longer than a call; without TLS a context that trusts none will do.
    trust = True if base_url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(
        base_url=base_url,
        transport=transport,
        verify=tls or trust,
        # The environment's proxies are for the outside world; a netrc file has credentials of its own.
        trust_env=False,
        # Connections are let go before uvicorn's five idle seconds are over and it closes them itself.
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=4.0),
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "qapf"},
    )
