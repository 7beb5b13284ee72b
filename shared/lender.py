"""A few connections lent to one request after another, without an ORM's pool around them.

Between two requests SQLAlchemy's own pool takes as long to lend a connection as PostgreSQL takes for a page of figures.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.exc import TimeoutError as PoolTimeout

# What lies between us and the server may have forgotten a connection that has been silent for so long.
_LONGEST_REST_SECONDS = 1800.0


class Lendable(Protocol):
    """What the lender must know of a connection."""

    def is_closed(self) -> bool: ...
    def terminate(self) -> None: ...
    async def close(self) -> None: ...


_Lent = TypeVar("_Lent", bound=Lendable)


class Lender(Generic[_Lent]):
    """Opened when first needed and kept; the one used last is used next, as it has its plans at hand.

    While all are in use, whoever waits longest is handed the next one given back, without a detour over a lock.
    """

    def __init__(self, open_: Callable[[], Awaitable[_Lent]], most: int, patience: float) -> None:
        self.open, self._most, self._patience = open_, most, patience
        # Each is told of a connection, or of a turn to open one.
        self._waiting: deque[asyncio.Future[_Lent | None]] = deque()
        self._at_rest: list[tuple[_Lent, float]] = []
        self.in_use = 0

    @property
    def at_rest(self) -> int:
        return len(self._at_rest)

    async def take(self) -> _Lent:
        """A connection to give back; raises the pool's TimeoutError where none was free for too long."""
        if self.in_use < self._most:
            self.in_use += 1
            lent = self._rested()
        else:
            lent = await self._wait_for_a_turn()
        if lent is not None:
            return lent
        try:
            return await self.open()
        except BaseException:
            self._turn_over(None)
            raise

    def give(self, lent: _Lent) -> None:
        """Back for the next; one that has died is forgotten."""
        self._turn_over(None if lent.is_closed() else lent)

    def _turn_over(self, lent: _Lent | None) -> None:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(lent)
                return
        self.in_use -= 1
        if lent is not None:
            self._at_rest.append((lent, time.monotonic()))

    async def _wait_for_a_turn(self) -> _Lent | None:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[_Lent | None] = loop.create_future()
        self._waiting.append(waiting)
        late = loop.call_later(self._patience, _give_up, waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            # Whoever hangs up just as his turn has come leaves it to the next.
            if waiting.done() and not waiting.cancelled() and waiting.exception() is None:
                self._turn_over(waiting.result())
            raise
        except PoolTimeout:
            # Who has given up may have been passed over already.
            with suppress(ValueError):
                self._waiting.remove(waiting)
            raise
        finally:
            late.cancel()

    def _rested(self) -> _Lent | None:
        while self._at_rest:
            lent, since = self._at_rest.pop()
            if lent.is_closed():
                continue
            if time.monotonic() - since <= _LONGEST_REST_SECONDS:
                return lent
            lent.terminate()
        return None

    async def close(self) -> None:
        while self._at_rest:
            await self._at_rest.pop()[0].close()


def _give_up(waiting: asyncio.Future[Any]) -> None:
    if not waiting.done():
        waiting.set_exception(PoolTimeout("every connection of this kind is in use"))
