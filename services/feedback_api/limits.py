"""How much of what comes in without a login is taken: so much a second, so much from one address, so many at once.

Whatever is beyond that is refused with Retry-After before its body is read, or before anything of it is stored. The
numbers are of one process. Of an address only a digest is kept, under a salt that is thrown away every ten minutes; it
is never logged and never stored.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request

from shared.auth.permission import anyone
from shared.problems import TooMany, Unavailable
from shared.settings import Settings

_FORGET_SECONDS = 600.0
_MOST_ADDRESSES = 50_000
_SPREAD_SECONDS = 5


class _Rate:
    """So many a second with so many in one go; all that must be kept is the moment up to which it is used up."""

    def __init__(self, per_second: float, at_once: float) -> None:
        self._each = 1 / per_second
        self._ahead = max(at_once, 1.0) * self._each

    def take(self, used_up: float, now: float) -> tuple[float, float]:
        """The seconds to wait (none: it may go ahead) and the moment to keep."""
        following = max(used_up, now) + self._each
        wait = following - now - self._ahead
        return (wait, used_up) if wait > 1e-9 else (0.0, following)

    def left(self, used_up: float, now: float) -> tuple[int, int]:
        """How many may still come in one go, and the seconds until as many may as at first."""
        until_full = max(used_up - now, 0.0)
        return int((self._ahead - until_full) / self._each + 1e-9), math.ceil(until_full)


class PublicLimits:
    """What this process takes from people without a login."""

    def __init__(self, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._all = _Rate(settings.public_per_second, settings.public_per_second)
        # A class of a school sends from one address within a minute.
        per_minute = settings.public_per_address_per_minute
        self._one = _Rate(per_minute / 60, per_minute)
        self.policy = f'"address";q={max(int(per_minute), 1)};w=60'
        # Staff are never kept waiting by the public: half of the connections are theirs alone.
        self._places = asyncio.Semaphore(max(1, settings.pool_size // 2))
        self._most_waiting, self._wait_seconds = settings.public_waiting, settings.public_wait_seconds
        self._waiting = 0
        self._all_used_up = float("-inf")
        self._forget(monotonic())

    def admit(self, address: str | None) -> None:
        """Count one request; raises TooMany where this address sends too fast, Unavailable where all together do."""
        now = self._monotonic()
        if now - self._remembered_since > _FORGET_SECONDS or len(self._used_up) >= _MOST_ADDRESSES:
            self._forget(now)
        if address is not None:
            key = self._key(address)
            wait, self._used_up[key] = self._one.take(self._used_up.get(key, now), now)
            if wait:
                seconds = {"Retry-After": str(math.ceil(wait))}
                raise TooMany("Too much came from this address in the last minute.", headers=seconds)
        wait, self._all_used_up = self._all.take(self._all_used_up, now)
        if wait:
            raise _busy()

    def standing(self, address: str) -> str:
        """What is left to this address, in the words of the header `RateLimit`."""
        now = self._monotonic()
        left, seconds = self._one.left(self._used_up.get(self._key(address), now), now)
        return f'"address";r={left};t={seconds}'

    def _key(self, address: str) -> bytes:
        return hashlib.blake2b(_network(address).encode(), key=self._salt, digest_size=16).digest()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """One of the places at the database; raises Unavailable where too many wait for one, or for too long."""
        if self._waiting >= self._most_waiting:
            raise _busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    def _forget(self, now: float) -> None:
        self._salt = secrets.token_bytes(32)
        self._used_up: dict[bytes, float] = {}
        self._remembered_since = now


def _network(address: str) -> str:
    """The address, or the network of one household where there are addresses beyond number."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    return str(int(read) >> 64) if isinstance(read, IPv6Address) and read.ipv4_mapped is None else address


def _busy() -> Unavailable:
    # Those who are refused together must not all come back together.
    return Unavailable("Too many are sending at this moment.", retry_after=1 + secrets.randbelow(_SPREAD_SECONDS))


@asynccontextmanager
async def public_limits(app: FastAPI) -> AsyncIterator[None]:
    """Sets the limits up with the application."""
    app.state.public_limits = PublicLimits(app.state.settings)
    yield


async def _of(request: Request) -> PublicLimits:
    found: PublicLimits = request.app.state.public_limits
    return found


async def _admit(request: Request) -> None:
    limits = await _of(request)
    address = request.client.host if request.client else None
    try:
        limits.admit(address)
    finally:
        if address is not None:
            told = {"RateLimit-Policy": limits.policy, "RateLimit": limits.standing(address)}
            request.scope["state"]["answer_headers"] = told


PublicLimitsOf = Annotated[PublicLimits, Depends(_of)]


def anyone_within_limits() -> Any:
    """In the place of a permission: no login, and no more than the limits allow."""
    return anyone(_admit)
