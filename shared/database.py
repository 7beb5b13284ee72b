"""The one door to PostgreSQL: engines, transactions and COPY."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from shared.database_errors import DatabaseAway, is_lost
from shared.lender import Lender
from shared.readers import Readers
from shared.settings import ServiceName, Settings, SettingsError
from shared.statements import Statement
from shared.trust import database_trust
from shared.work import DRIVER, Work, Writer

# Planned once: what is posted all day asks by keys alone, and to plan anew takes longer than to find a row by its key.
_PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}


class Database:
    """One service's database, by `transaction()`, `snapshot()` and, on the driver alone, `writing()` and `fetch()`."""

    def __init__(self, url: str, settings: Settings, service: str) -> None:
        server_settings = {
            "application_name": f"qapf-{service}",
            "timezone": "UTC",
            "statement_timeout": str(int(settings.statement_timeout_seconds * 1000)),
            "lock_timeout": str(int(settings.lock_timeout_seconds * 1000)),
            "idle_in_transaction_session_timeout": "60000",
        }
        options: dict[str, Any] = {
            "timeout": settings.pool_timeout_seconds,
            "command_timeout": settings.statement_timeout_seconds + 5,
            "server_settings": server_settings,
            **database_trust(url, settings),
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
            # Whoever prints an error of ours prints no value of anybody's with it.
            hide_parameters=True,
        )
        _, address = self._engine.dialect.create_connect_args(self._engine.url)
        self._driver_options = {**address, **options}
        self.readers = Readers(self._connect, settings.readers, settings.pool_timeout_seconds)
        self._opener = create_async_engine(
            url,
            poolclass=sa.NullPool,
            hide_parameters=True,
            connect_args=options | {"server_settings": server_settings | _PLANNED_ONCE},
        )
        self.writers = Lender(self._open_writer, settings.writers, settings.pool_timeout_seconds)
        self._memory: dict[Any, Any] = {}

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
            except BaseException as error:
                # Whoever hangs up meanwhile must not take the connection with him either.
                await asyncio.shield(_discard(connection))
                if attempt == 2 or not is_lost(error):
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

    def writing(self) -> Writing:
        """Work on the driver, for what is posted all day long: all is stored when the block ends well, or nothing."""
        return Writing(self.writers, self._memory)

    async def _open_writer(self) -> Writer:
        try:
            dressed = await self._opener.raw_connection()
        except OSError as error:
            raise DatabaseAway from error
        except self._opener.dialect.loaded_dbapi.Error as error:
            # Asked for a raw connection, SQLAlchemy hands on the dialect's error, not one of its own; the driver's
            # under it says what is the matter.
            raise error.__cause__ or DatabaseAway from error
        connection = dressed.driver_connection
        assert connection is not None
        # From here on it is the lender's to keep and to close.
        dressed.detach()
        return Writer(connection, self._opener, dressed)

    async def close(self) -> None:
        await self.readers.close()
        await self.writers.close()
        await self._engine.dispose()

    def pool_figures(self) -> dict[str, int]:
        """How many connections are open, and how many of them in use."""
        pool: Any = self._engine.pool
        used = pool.checkedout() + self.readers.in_use + self.writers.in_use
        return {"open": pool.checkedin() + self.readers.at_rest + self.writers.at_rest + used, "in_use": used}


class Writing:
    """The block in which a writer's connection is lent. A class, as a generator takes longer to enter and to leave."""

    def __init__(self, writers: Lender[Writer], memory: dict[Any, Any]) -> None:
        self._writers, self._memory = writers, memory

    async def __aenter__(self) -> Work:
        self._writer = await self._writers.take()
        self._work = Work(self._writer.connection, self._writer, memory=self._memory)
        return self._work

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        ended = False
        try:
            if error is None:
                await self._work.commit()
            else:
                # A caller who hangs up cancels us here: the rollback must still reach the server.
                await asyncio.shield(self._work.rollback())
            ended = error is None or not is_lost(error)
        finally:
            if not ended:
                # Nobody may find on it what could be neither committed nor taken back.
                self._writer.terminate()
            self._writers.give(self._writer)


async def _discard(connection: AsyncConnection) -> None:
    await connection.invalidate()
    await connection.close()


async def driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection under a session whose transaction has begun, for COPY and unnested arrays."""
    found: asyncpg.Connection | None = session.info.get(DRIVER)
    if found is None:
        connection = await session.connection()
        raw = await connection.get_raw_connection()
        # A session has one connection for as long as it lives; to ask it anew takes as long as a short statement.
        found = session.info[DRIVER] = raw.driver_connection
    assert found is not None
    return found


async def work_in(session: AsyncSession) -> Work:
    """The work that a session is at already, in the transaction it has begun."""
    return Work(await driver_connection(session), session=session)


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
            "lower QAPF_POOL_SIZE, QAPF_POOL_OVERFLOW, QAPF_READERS, QAPF_WRITERS or QAPF_WORKERS, "
            "or raise max_connections"
        )
