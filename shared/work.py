"""What one request does on a connection of the driver: little, and most of it in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

# Where a session keeps the driver's connection under it.
DRIVER = "driver_connection"


@dataclass(frozen=True, slots=True)
class Writer:
    """A connection of the driver for work on it, with what SQLAlchemy needs to work there too."""

    connection: asyncpg.Connection
    engine: AsyncEngine
    dressed: Any

    def is_closed(self) -> bool:
        return bool(self.connection.is_closed())

    def terminate(self) -> None:
        self.connection.terminate()

    async def close(self) -> None:
        await self.connection.close()


class Work:
    """What one request does on one connection: reads, then writes by one statement, which is a transaction by itself.

    Whoever needs more than that begins a transaction, or asks for the session, which begins one.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        writer: Writer | None = None,
        session: AsyncSession | None = None,
        memory: dict[Any, Any] | None = None,
    ) -> None:
        self._connection, self._writer, self._session = connection, writer, session
        # What was read of this database and is kept beyond the request.
        self.memory: dict[Any, Any] = {} if memory is None else memory
        self._begun: Any = None
        self._written = False

    async def fetchrow(self, text: str, *values: Any) -> asyncpg.Record:
        """The one row of a statement that only reads."""
        return await self._connection.fetchrow(text, *values)

    async def fetch(self, text: str, *values: Any) -> list[asyncpg.Record]:
        """The rows of a statement that only reads."""
        rows: list[asyncpg.Record] = await self._connection.fetch(text, *values)
        return rows

    async def write(self, text: str, *values: Any) -> bool:
        """Write; says whether it stored anything. Outside a transaction that is for good, and nothing may follow it."""
        # PostgreSQL says it as `INSERT 0 1`.
        stored = not (await self._connection.execute(text, *values)).endswith(" 0")
        self._written = self._written or stored
        return stored

    async def begin(self) -> asyncpg.Connection:
        """The connection in a transaction that ends with the work."""
        if self._begun is None and self._session is None:
            assert not self._written, "what was written outside a transaction cannot be taken back"
            self._begun = self._connection.transaction()
            await self._begun.start()
        return self._connection

    async def session(self) -> AsyncSession:
        """A session in that transaction, for the rare thing that is easier said to SQLAlchemy."""
        if self._session is None:
            assert self._writer is not None
            await self.begin()
            engine = self._writer.engine
            over = AsyncConnection(engine, sa.Connection(engine.sync_engine, connection=self._writer.dressed))
            self._session = AsyncSession(bind=over, expire_on_commit=False, join_transaction_mode="control_fully")
            self._session.info[DRIVER] = self._connection
        return self._session

    async def commit(self) -> None:
        """Commit what was begun; only for whoever opened the work."""
        if self._session is not None:
            await self._session.commit()
        if self._begun is not None:
            await self._begun.commit()

    async def rollback(self) -> None:
        """Take back what was begun; only for whoever opened the work."""
        if self._begun is None:
            return
        if self._session is not None:
            await self._session.rollback()
        await self._begun.rollback()
