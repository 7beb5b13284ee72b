"""Servers on real sockets of the loopback, for what must be seen from outside."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from services.catalogue import create_service
from services.embedded import create_app
from shared.auth.local_issuer import LocalIssuer
from shared.clock import FixedClock
from shared.settings import SERVICES, ServiceName, Settings
from tests.conftest import TODAY, Server, make_settings
from tests.embedded.made_run import load_into


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """An application on a free port, in a thread with a loop of its own; its address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[taken])), daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        deadline = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join(20)


class Databases:
    """Fresh databases for servers in other threads, dropped at the end."""

    def __init__(self, server: Server, template: Callable[[ServiceName, bool], str]) -> None:
        self._server, self._template = server, template

    def fresh(self, service: ServiceName, dorset: bool = True) -> str:
        return self._server.url(asyncio.run(self._server.clone(self._template(service, dorset))))


@pytest.fixture
def databases(server: Server, template: Callable[[ServiceName, bool], str]) -> Databases:
    return Databases(server, template)


@pytest.fixture
def live(databases: Databases, issuer: LocalIssuer) -> Iterator[Callable[..., str]]:
    """Serve one service on a socket: `address = live("audit")`."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(service: ServiceName, **more: Any) -> str:
            settings = make_settings(issuer, service, databases.fresh(service), **more)
            app = create_service(service, settings, FixedClock(TODAY))
            return stack.enter_context(serving(app))

        yield start


@pytest.fixture
def embedded_settings(databases: Databases, issuer: LocalIssuer) -> Callable[..., Settings]:
    """Settings of all four services, each on a fresh database."""

    def make(dorset: bool = True, **more: Any) -> Settings:
        return _settings(issuer, {name: databases.fresh(name, dorset) for name in SERVICES}, **more)

    return make


@pytest.fixture
async def embedded(embedded_settings: Callable[..., Settings], issuer: LocalIssuer) -> AsyncIterator[Any]:
    """All four in one process, in-process neighbours and all; yields a factory of clients by role."""
    async with _in_one_process(await asyncio.to_thread(embedded_settings), issuer) as client:
        yield client


@pytest.fixture
async def made_run(server: Server, loaded: dict[str, str], issuer: LocalIssuer) -> AsyncIterator[Any]:
    """The same with all that `make run` loads."""
    urls = {name: server.url(await server.clone(loaded[name])) for name in SERVICES}
    async with _in_one_process(_settings(issuer, urls), issuer) as client:
        yield client


@pytest.fixture(scope="session")
def loaded(server: Server, template: Callable[[ServiceName, bool], str], issuer: LocalIssuer) -> dict[str, str]:
    """The databases that `make run` has loaded, to be cloned: by service."""

    async def load() -> dict[str, str]:
        names = {name: await server.clone(await asyncio.to_thread(template, name, True)) for name in SERVICES}
        settings = _settings(issuer, {name: server.url(database) for name, database in names.items()})
        async with _in_one_process(settings, issuer) as client:
            await load_into(client.root, issuer)
        return names

    return asyncio.run(load())


def _settings(issuer: LocalIssuer, urls: dict[ServiceName, str], **more: Any) -> Settings:
    others = {f"{name}_database_url": url for name, url in urls.items() if name != "audit"}
    return make_settings(issuer, "audit", urls["audit"], **others, **more)


@asynccontextmanager
async def _in_one_process(settings: Settings, issuer: LocalIssuer) -> AsyncIterator[Any]:
    root = create_app(SERVICES, settings, FixedClock(TODAY))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(root.router.lifespan_context(root))

        async def client(role: str | None = "admin", unit: str | None = None) -> httpx.AsyncClient:
            headers = {} if role is None else {"Authorization": f"Bearer {issuer.token(f'test-{role}', [role], unit)}"}
            transport = httpx.ASGITransport(root, raise_app_exceptions=False)
            made = httpx.AsyncClient(transport=transport, base_url="http://qapf", headers=headers, timeout=60)
            return await stack.enter_async_context(made)

        client.root = root  # type: ignore[attr-defined]
        yield client
