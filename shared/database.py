"""The one door to PostgreSQL: engines, transactions and COPY."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.util import greenlet_spawn

from shared.database_errors import DatabaseAway
from shared.readers import Readers
from shared.settings import ServiceName, Settings, SettingsError
from shared.statements import Statement

_DRIVER = "driver_connection"


class Work:
    """What one request does on one connection: reads, then writes by one statement, which is a transaction by itself.

    Whoever needs more than that begins a transaction, or asks for the session, which begins one.
    """

    def __init__(self, connection: asyncpg.Connection, engine: AsyncEngine | None = None, pooled: Any = None) -> None:
        self._connection, self._engine, self._pooled = connection, engine, pooled
        self._session: AsyncSession | None = None
        self._begun: Any = None
        self._written = False

    @classmethod
    async def of(cls, session: AsyncSession) -> Work:
        """The work that a session is at already, in the transaction it has begun."""
        work = cls(await driver_connection(session))
        work._session = session
        return work

    async def fetchrow(self, text: str, *values: Any) -> asyncpg.Record:
        """The one row of a statement that only reads."""
        return await self._connection.fetchrow(text, *values)

    async def write(self, text: str, *values: Any) -> None:
        """Write; outside a transaction this is done once and for good, so nothing may follow it."""
        await self._connection.execute(text, *values)
        self._written = True

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
            assert self._engine is not None
            await self.begin()
            over = AsyncConnection(self._engine, sa.Connection(self._engine.sync_engine, connection=self._pooled))
            self._session = AsyncSession(bind=over, expire_on_commit=False, join_transaction_mode="control_fully")
        return self._session

    async def commit(self) -> None:
        """Commit what was begun; only for whoever opened the work."""
        if self._session is not None:
            await self._session.commit()
        if self._begun is not None:
            await self._begun.commit()

    async def rollback(self) -> None:
        """Take back what was begun; only for whoever opened the work."""
        if self._begun is not None:
            await self._begun.rollback()


class Database:
    """One service's database, by `transaction()`, `snapshot()` and, on the driver alone, `writing()` and `fetch()`."""

    def __init__(self, url: str, settings: Settings, service: str) -> None:
        options = {
            "timeout": settings.pool_timeout_seconds,
            "command_timeout": settings.statement_timeout_seconds + 5,
            "server_settings": {
                "application_name": f"qapf-{service}",
                "timezone": "UTC",
                "statement_timeout": str(int(settings.statement_timeout_seconds * 1000)),
                "lock_timeout": str(int(settings.lock_timeout_seconds * 1000)),
                "idle_in_transaction_session_timeout": "60000",
            },
        }
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=settings.pool_size,
            max_overflow=settings.pool_overflow,
            pool_timeout=settings.pool_timeout_seconds,
            pool_pre_ping=False,
            pool_recycle=1800,
            # The connection used last has its plans and caches at hand.
            pool_use_lifo=True,
            connect_args=options,
        )
        _, address = self._engine.dialect.create_connect_args(self._engine.url)
        self._driver_options = {**address, **options}
        self.readers = Readers(self._connect, settings.readers, settings.pool_timeout_seconds)

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One READ COMMITTED transaction: committed when the block ends well, else rolled back whole."""
        async with self._session() as session:
            try:
                yield session
            except BaseException:
                # A caller who hangs up cancels us here: the rollback must still reach the server.
                await asyncio.shield(session.rollback())
                raise
            await session.commit()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A read-only REPEATABLE READ view: everything read inside agrees with itself."""
        async with self._session("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY") as session:
            yield session

    @asynccontextmanager
    async def _session(self, first: str = "SELECT 1") -> AsyncIterator[AsyncSession]:
        connection: AsyncConnection | None = None
        for attempt in (1, 2):
            try:
                connection = await self._engine.connect()
            except OSError as error:
                raise DatabaseAway from error
            try:
                # The first statement begins the transaction at the driver. Without it a COPY on the raw connection
                # would run outside and survive our rollback; and a dead pooled connection shows itself here,
                # before anything has been done that could not simply be tried again.
                await connection.exec_driver_sql(first)
                break
            except DBAPIError as error:
                await connection.invalidate()
                await connection.close()
                if attempt == 2 or not error.connection_invalidated:
                    raise
        assert connection is not None
        try:
            async with AsyncSession(
                bind=connection, expire_on_commit=False, join_transaction_mode="control_fully"
            ) as session:
                yield session
        finally:
            await asyncio.shield(connection.close())

    async def fetch(self, statement: Statement, given: Mapping[str, Any]) -> list[asyncpg.Record]:
        """The rows of one statement that only reads; it sees one moment and needs no transaction around it."""
        return await self.readers.fetch(statement.text, statement.values(given))

    async def _connect(self) -> asyncpg.Connection:
        try:
            return await asyncpg.connect(**self._driver_options)
        except OSError as error:
            raise DatabaseAway from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Work]:
        """Work on the driver, for what is posted all day long: all is stored when the block ends well, or nothing."""
        pooled = await self._pooled()
        while pooled.driver_connection.is_closed():
            # It died while it lay in the pool, and nothing has been done yet.
            await _throw_away(pooled)
            pooled = await self._pooled()
        work = Work(pooled.driver_connection, self._engine, pooled)
        try:
            try:
                yield work
                await work.commit()
            except BaseException:
                # A caller who hangs up cancels us here: the rollback must still reach the server.
                await asyncio.shield(_take_back(work, pooled))
                raise
        finally:
            await asyncio.shield(_give_back(pooled))

    async def _pooled(self) -> Any:
        try:
            return await self._engine.raw_connection()
        except OSError as error:
            raise DatabaseAway from error

    async def close(self) -> None:
        await self.readers.close()
        await self._engine.dispose()

    def pool_figures(self) -> dict[str, int]:
        """Connections open and in use, for the metrics."""
        pool: Any = self._engine.pool
        used = pool.checkedout() + self.readers.in_use
        return {"open": pool.checkedin() + self.readers.at_rest + used, "in_use": used}


async def _give_back(pooled: Any) -> None:
    # One beyond the size of the pool is closed here, which waits for the server.
    await greenlet_spawn(pooled.close)


async def _take_back(work: Work, pooled: Any) -> None:
    try:
        await work.rollback()
        clean = not pooled.driver_connection.is_in_transaction()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        clean = False
    if not clean:
        # Cancelled as it began or ended: whoever came next would work in a transaction that is not theirs.
        await greenlet_spawn(pooled.invalidate)


async def _throw_away(pooled: Any) -> None:
    await greenlet_spawn(pooled.invalidate)
    await _give_back(pooled)


async def driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection under a session whose transaction has begun, for COPY and unnested arrays."""
    found: asyncpg.Connection | None = session.info.get(_DRIVER)
    if found is None:
        connection = await session.connection()
        raw = await connection.get_raw_connection()
        # A session has one connection for as long as it lives; to ask it anew takes as long as a short statement.
        found = session.info[_DRIVER] = raw.driver_connection
    assert found is not None
    return found


def open_database(service: ServiceName, settings: Settings) -> Database:
    return Database(settings.database_url(service), settings, service)


async def check_connections(database: Database, settings: Settings, services: int = 4) -> None:
    """Refuse to start when all pools together could ask for more connections than the server gives."""
    async with database.snapshot() as session:
        limit = int((await session.execute(sa.text("SHOW max_connections"))).scalar_one())
    wanted = settings.connections * settings.workers * services
    if wanted > limit - 3:
        raise SettingsError(
            f"the pools of {services} services could open {wanted} connections and the server gives {limit}: "
            "lower QAPF_POOL_SIZE, QAPF_POOL_OVERFLOW, QAPF_READERS or QAPF_WORKERS, or raise max_connections"
        )
