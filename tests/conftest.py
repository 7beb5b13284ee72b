"""The real application on a real PostgreSQL: one server a worker, for each test a database as its template is."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import hypothesis
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from hypothesis import HealthCheck
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from services.catalogue import create_service
from shared.activity.sealer import seal_all
from shared.auth.caller import system_caller
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer
from shared.clock import FixedClock
from shared.database import Database
from shared.framework.store import Item, apply_framework
from shared.migrations import migrate
from shared.schemas.framework.tree import read_tree
from shared.settings import SERVICES, ServiceName, Settings
from tests.door import Door
from tests.one_dialect import share

ROOT = Path(__file__).resolve().parents[1]
TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("any machine")

share()

# Whoever takes one of these last keeps the others waiting: they begin.
_LONG = ("tests/reporting_api/year/", "tests/embedded/test_schemathesis.py", "tests/embedded/test_poison.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


def pytest_collection() -> None:
    # What is imported stays: the collector looks at what the tests leave behind, and at no module again and again.
    gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server's maintenance database, as its superuser."""
    given = os.environ.get("QAPF_TEST_DATABASE_URL")
    if given:
        yield given
        return
    from services.postgres import throwaway_postgres

    with throwaway_postgres(version=int(os.environ.get("QAPF_TEST_PG", "18")), max_connections=300) as server:
        yield server.admin_url()


@dataclass
class Server:
    """Makes and drops the databases of the tests, over one connection that outlives the loop of each."""

    admin: str
    portal: BlockingPortal
    connection: asyncpg.Connection
    made: list[str] = field(default_factory=list)
    untouched: dict[str, list[str]] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def url(self, database: str) -> str:
        return make_url(self.admin).set(database=database).render_as_string(hide_password=False)

    async def run(self, *statements: str) -> None:
        await asyncio.wrap_future(self.portal.start_task_soon(self._execute, statements))

    async def _execute(self, statements: Sequence[str]) -> None:
        async with self.turn:
            for statement in statements:
                await self.connection.execute(statement)

    async def clone(self, template: str | None) -> str:
        name = f"qapf_{secrets.token_hex(6)}"
        source = f"TEMPLATE {template} STRATEGY file_copy" if template else ""
        await self.run(f"CREATE DATABASE {name} {source}")
        self.made.append(name)
        return name

    async def drop(self, name: str) -> None:
        await self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.made.remove(name)

    async def writes(self) -> int:
        """A number that grows with every write, in whichever database."""
        asked = self.portal.start_task_soon(self._fetch, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(await asyncio.wrap_future(asked))

    async def _fetch(self, question: str) -> Any:
        async with self.turn:
            return await self.connection.fetchval(question)

    @asynccontextmanager
    async def lend(self, template: str) -> AsyncIterator[str]:
        """A database as its template is, for one test; where that only read, the next test has it as well."""
        spare = self.untouched.setdefault(template, [])
        name = spare.pop() if spare else await self.clone(template)
        before = await self.writes()
        try:
            yield name
        finally:
            if await self.writes() == before:
                await self.run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
                spare.append(name)
            else:
                await self.drop(name)


@pytest.fixture(scope="session")
def server(postgres: str) -> Iterator[Server]:
    with start_blocking_portal() as portal:
        connection = portal.call(asyncpg.connect, re.sub(r"^postgresql\+asyncpg", "postgresql", postgres))
        found = Server(postgres, portal, connection)
        yield found
        for name in list(found.made):
            asyncio.run(found.drop(name))
        portal.call(connection.close)


def write_roles(directory: Path) -> None:
    """Dorset's roles, but any may ask for the whole council; test_needs_unit.py tries that some need a unit."""
    roles = (ROOT / "framework" / "dorset" / "roles.yaml").read_text(encoding="utf-8")
    (directory / "roles.yaml").write_text(roles.replace("    needs_unit: true\n", ""), encoding="utf-8")


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> LocalIssuer:
    directory = tmp_path_factory.mktemp("keys")
    made = LocalIssuer.create(directory)
    made.directory = directory  # type: ignore[attr-defined]
    write_roles(directory)
    return made


@pytest.fixture(scope="session")
def template(server: Server, issuer: LocalIssuer) -> Callable[[ServiceName, bool], str]:
    """The name of a migrated template database, with Dorset's framework applied or without any."""
    made: dict[tuple[str, bool], str] = {}

    def find(service: ServiceName, dorset: bool) -> str:
        if (service, dorset) not in made:
            made[service, dorset] = asyncio.run(build(service, dorset))
        return made[service, dorset]

    async def build(service: ServiceName, dorset: bool) -> str:
        name = await server.clone(None)
        await asyncio.to_thread(migrate, service, server.url(name))
        if dorset:
            database = Database(server.url(name), make_settings(issuer, service, server.url(name)), service)
            tree = read_tree(ROOT / "framework" / "dorset")
            items = [Item(one["kind"], one["code"], one["content"]) for one in tree.entries_for(service)]
            app = create_service(service, make_settings(issuer, service, server.url(name)))
            async with database.transaction() as session:
                await apply_framework(session, system_caller("test"), app.state.framework_kinds, items)
            await database.close()
            await app.state.database.close()
        return name

    return find


def make_settings(issuer: LocalIssuer, service: ServiceName, url: str, **more: Any) -> Settings:
    given = usual_settings(issuer.directory)  # type: ignore[attr-defined]
    if more:
        given = Settings(**given.model_dump(exclude_unset=True) | more)
    return given.model_copy(update={f"{service}_database_url": SecretStr(url)})


@lru_cache
def usual_settings(directory: Path) -> Settings:
    # To read settings takes as long as to answer three requests, for each is looked for in the environment.
    return Settings(
        environment="local",
        oidc_issuer=LOCAL_ISSUER,
        oidc_jwks_file=directory / "jwks.json",
        local_issuer_key_file=directory / "issuer.pem",
        roles_file=directory / "roles.yaml",
        background=False,
        pool_size=5,
        pool_overflow=10,
        # A test sends from one address what a town would.
        public_per_second=10_000,
        public_per_address_per_minute=1_000_000,
    )


@lru_cache(1000)
def token_of(issuer: LocalIssuer, subject: str, role: str, unit: str | None) -> str:
    # Good for twelve hours; to sign one takes as long as to answer a short request.
    return issuer.token(subject, [role], unit)


@dataclass
class Running:
    """A running service and the means to call it as anyone."""

    name: ServiceName
    app: FastAPI
    issuer: LocalIssuer
    clock: FixedClock
    stack: AsyncExitStack

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    def token(self, role: str, unit: str | None = None, subject: str | None = None) -> str:
        return token_of(self.issuer, subject or f"test-{role}", role, unit)

    async def client(
        self, role: str | None = "admin", unit: str | None = None, subject: str | None = None
    ) -> httpx.AsyncClient:
        """A client with the token of one role (none at all where role is None)."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.token(role, unit, subject)}"}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=f"http://{self.name}", headers=headers, timeout=30)
        return await self.stack.enter_async_context(client)

    def door(self, role: str = "admin", unit: str | None = None) -> Door:
        """The same for thousands of requests."""
        return Door(self.app, {"Authorization": f"Bearer {self.token(role, unit)}"})

    async def seal(self) -> None:
        await seal_all(self.database)


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(
    server: Server, template: Callable[[ServiceName, bool], str], issuer: LocalIssuer
) -> AsyncIterator[Start]:
    """Start a service on a database of its own: `await start("audit")`; `dorset=False` for an empty framework."""
    async with AsyncExitStack() as stack:

        async def begin(
            name: ServiceName, *, dorset: bool = True, clock: FixedClock | None = None, **settings: Any
        ) -> Running:
            ready = await asyncio.to_thread(template, name, dorset)
            database = await stack.enter_async_context(server.lend(ready))
            ticking = clock or FixedClock(TODAY)
            app = create_service(name, make_settings(issuer, name, server.url(database), **settings), ticking)
            await stack.enter_async_context(app.router.lifespan_context(app))
            return Running(name, app, issuer, ticking, stack)

        yield begin


@pytest.fixture
async def audit(start: Start) -> Running:
    return await start("audit")


@pytest.fixture
async def indicator(start: Start) -> Running:
    return await start("indicator")


@pytest.fixture
async def feedback(start: Start) -> Running:
    return await start("feedback")


@pytest.fixture
async def reporting(start: Start) -> Running:
    return await start("reporting")


@pytest.fixture(params=SERVICES)
async def any_service(request: pytest.FixtureRequest, start: Start) -> Running:
    """Each of the four services in turn, for what the platform promises everywhere."""
    return await start(request.param)
