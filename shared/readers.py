"""A few connections lent for one reading statement each, without a transaction or an ORM's pool around it.

Between two requests SQLAlchemy's own pool takes as long to lend a connection as PostgreSQL takes for a page of figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
from sqlalchemy.exc import TimeoutError as PoolTimeout

Open = Callable[[], Awaitable[asyncpg.Connection]]
# What lies between us and the server may have forgotten a connection that has been silent for so long.
_LONGEST_REST_SECONDS = 1800.0


class Readers:
    """Opened when first needed and kept; the one used last is used next, as it has its plans at hand."""

    def __init__(self, open_: Open, most: int, patience: float) -> None:
        self._open, self._patience = open_, patience
        self._turns = asyncio.Semaphore(most)
        self._at_rest: list[tuple[asyncpg.Connection, float]] = []
        self.in_use = 0

    @property
    def at_rest(self) -> int:
        return len(self._at_rest)

    async def fetch(self, text: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of one statement; raises the pool's TimeoutError where no connection was free for too long."""
        if self._turns.locked():
            await self._wait_for_a_turn()
        else:
            await self._turns.acquire()
        self.in_use += 1
        try:
            return await self._ask(text, values)
        finally:
            self.in_use -= 1
            self._turns.release()

    async def _wait_for_a_turn(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise PoolTimeout("every connection that reads is in use") from None

    async def _ask(self, text: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        connection = self._take_up()
        if connection is not None:
            try:
                return await self._lent(connection, text, values)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                if not connection.is_closed():
                    raise
                # It died while it lay here: nothing was done that could not simply be asked again.
        return await self._lent(await self._open(), text, values)

    async def _lent(self, connection: asyncpg.Connection, text: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        try:
            rows: list[asyncpg.Record] = await connection.fetch(text, *values)
            return rows
        finally:
            if not connection.is_closed():
                self._at_rest.append((connection, time.monotonic()))

    def _take_up(self) -> asyncpg.Connection | None:
        while self._at_rest:
            connection, since = self._at_rest.pop()
            if time.monotonic() - since <= _LONGEST_REST_SECONDS:
                return connection
            connection.terminate()
        return None

    async def close(self) -> None:
        while self._at_rest:
            await self._at_rest.pop()[0].close()
