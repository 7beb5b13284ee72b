"""A few connections lent to one request after another, without an ORM's pool around them.

Between two requests SQLAlchemy's own pool takes as long to lend a connection as PostgreSQL takes for a page of figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

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
    """Opened when first needed and kept; the one used last is used next, as it has its plans at hand."""

    def __init__(self, open_: Callable[[], Awaitable[_Lent]], most: int, patience: float) -> None:
        self.open, self._patience = open_, patience
        self._turns = asyncio.Semaphore(most)
        self._at_rest: list[tuple[_Lent, float]] = []
        self.in_use = 0

    @property
    def at_rest(self) -> int:
        return len(self._at_rest)

    async def take(self) -> _Lent:
        """A connection to give back; raises the pool's TimeoutError where none was free for too long."""
        if self._turns.locked():
            await self._wait_for_a_turn()
        else:
            await self._turns.acquire()
        self.in_use += 1
        try:
            return self._rested() or await self.open()
        except BaseException:
            self._turn_over()
            raise

    def give(self, lent: _Lent) -> None:
        """Back for the next; one that has died is forgotten."""
        if not lent.is_closed():
            self._at_rest.append((lent, time.monotonic()))
        self._turn_over()

    def _turn_over(self) -> None:
        self.in_use -= 1
        self._turns.release()

    async def _wait_for_a_turn(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise PoolTimeout("every connection of this kind is in use") from None

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
