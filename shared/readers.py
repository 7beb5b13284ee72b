"""Reading by one statement each, on connections that only such statements use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from shared.database_errors import is_lost
from shared.lender import Lender


class Readers(Lender[asyncpg.Connection]):
    """Connections lent for one reading statement each, without a transaction around it."""

    async def fetch(self, text: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of one statement; raises the pool's TimeoutError where no connection was free for too long."""
        connection = await self.take()
        try:
            try:
                return await _rows(connection, text, values)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
                if is_lost(error):
                    connection.terminate()
                if not connection.is_closed():
                    raise
            # It died while it lay here: nothing was done that could not simply be asked again.
            connection = await self.open()
            return await _rows(connection, text, values)
        finally:
            self.give(connection)


async def _rows(connection: asyncpg.Connection, text: str, values: Sequence[Any]) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(text, *values)
    return rows
