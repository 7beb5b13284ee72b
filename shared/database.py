"""The one door to PostgreSQL: engines, transactions, COPY, and what a database error means to a caller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from shared.logging import get_logger
from shared.problems import BrokenRule, Fault, Malformed, Problem, StorageFull, Unavailable, problem_response
from shared.readers import Readers
from shared.settings import ServiceName, Settings, SettingsError
from shared.statements import Statement

_log = get_logger(__name__)


class DatabaseAway(Exception):
    """No connection could be opened."""


_DRIVER = "driver_connection"
# Of the operating system's errors only those of a connection: a missing file of ours is no matter of the database.
_LOST = (ConnectionError, TimeoutError, DatabaseAway)
DATABASE_ERRORS: Final = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, *_LOST)


class InUse(BrokenRule):
    """Two requests met at the same record or reference. Read what is stored now and send the change anew if needed."""

    slug, title = "conflicting-change", "Another request has just stored the same thing"


class Database:
    """One service's database; `transaction()`, `snapshot()` and, for one statement, `fetch()` are the only ways in."""

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

    async def close(self) -> None:
        await self.readers.close()
        await self._engine.dispose()

    def pool_figures(self) -> dict[str, int]:
        """Connections open and in use, for the metrics."""
        pool: Any = self._engine.pool
        used = pool.checkedout() + self.readers.in_use
        return {"open": pool.checkedin() + self.readers.at_rest + used, "in_use": used}


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


def _sqlstate(error: BaseException) -> str | None:
    for candidate in (
        getattr(error, "orig", None),
        getattr(getattr(error, "orig", None), "__cause__", None),
        error,
    ):
        state = getattr(candidate, "sqlstate", None) or getattr(candidate, "pgcode", None)
        if isinstance(state, str):
            return state
    return None


def constraint_name(error: BaseException) -> str | None:
    """The name of the constraint a statement broke, where the driver told."""
    for candidate in (
        getattr(getattr(error, "orig", None), "__cause__", None),
        getattr(error, "orig", None),
        error,
    ):
        name = getattr(candidate, "constraint_name", None)
        if isinstance(name, str):
            return name
    return None


def problem_from_database(error: BaseException) -> Problem | None:
    """What a failed statement means to the caller; None where it is our own fault (a 500)."""
    if isinstance(error, PoolTimeout):
        return Unavailable("All database connections are in use.", retry_after=2)
    state = _sqlstate(error)
    if state is None:
        if isinstance(error, (*_LOST, InterfaceError, asyncpg.InterfaceError)) or getattr(
            error, "connection_invalidated", False
        ):
            return Unavailable("The database cannot be reached.")
        return None
    if state == "53100":
        return StorageFull("The database has no room left.", headers={"Retry-After": "60"})
    if state[:2] in ("08", "53", "57") or state in ("55P03", "40001", "40P01", "25006", "3D000", "28P01"):
        _log.warning("database_unavailable", sqlstate=state)
        return Unavailable("The database is busy or cannot be reached.")
    if state == "23505":
        return InUse("The same thing has just been stored by another request; read it and try again.")
    if state in ("22021", "22P05"):
        return Malformed(
            "A text cannot be stored.", errors=[Fault("", "unstorable_text", "a character is not allowed")]
        )
    return None


async def _on_database_error(request: Request, error: Exception) -> Response:
    problem = problem_from_database(error)
    if problem is None:
        raise error
    return problem_response(request, problem)


def install_database_handlers(app: FastAPI) -> None:
    """Answer for a database that is away or busy; any other failed statement is a fault of ours."""
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _on_database_error)
