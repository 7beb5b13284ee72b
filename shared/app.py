"""The application factory: every service is built here, so that none can forget a part of the platform."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import platform_routes, probes, stored
from shared.activity import routes as activity_routes
from shared.activity.sealer import run_sealer
from shared.application import Application
from shared.auth.sources import build_verifier
from shared.clock import Clock, SystemClock
from shared.cross_origin import cross_origin
from shared.database import check_connections, open_database
from shared.database_errors import DATABASE_ERRORS, install_database_handlers
from shared.docs_ui import mount_docs
from shared.framework import routes as framework_routes
from shared.framework.store import Kinds
from shared.idempotency import Replay, forget_old_keys, replayed
from shared.job_watch import watch_jobs
from shared.limits import Limits, SecurityHeaders
from shared.logging import configure_logging, get_logger, service_context
from shared.openapi import describe, reads_only
from shared.privacy import looking_back
from shared.privacy import routes as privacy_routes
from shared.privacy.holdings import Holdings
from shared.privacy.purging import keep_purging
from shared.problem_handlers import install_problem_handlers
from shared.problems import Problem, problem_response
from shared.read_only import ReadOnlyMode
from shared.request_telemetry import RequestTelemetry
from shared.settings import ServiceName, Settings, load_settings
from shared.stored import Referenced
from shared.telemetry import Telemetry
from shared.withholding import Withholding

VERSION = "0.1.0"
_log = get_logger(__name__)
_PLATFORM = (
    activity_routes.router,
    privacy_routes.router,
    looking_back.router,
    framework_routes.router,
    platform_routes.router,
    stored.router,
)

# Hardly anything of a request is left for the collector; by default it would look after every few requests. A board
# pack holds some 20,000 objects until it is stored: to go through them in its midst would find nothing.
_COLLECTED_AFTER = (50_000, 10, 10)

Background = Callable[[FastAPI], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Service:
    """What makes one service different from the others."""

    name: ServiceName
    title: str
    summary: str
    routers: Sequence[APIRouter]
    framework_kinds: Kinds
    holdings: Holdings
    background: Sequence[Background] = ()
    # Set up and taken down with the app (clients and the like); results go on app.state.
    lifespans: Sequence[Callable[[FastAPI], Any]] = field(default=())
    withholding: Withholding | None = None
    # What its sender may ask for by a reference of its own.
    referenced: Sequence[Referenced] = ()
    # Done first in the transaction that applies a framework, while all still stands as it did.
    before_applying: Callable[[AsyncSession, datetime], Awaitable[object]] | None = None


def build_app(service: Service, settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """A service's whole application; raises SettingsError for settings it cannot run with."""
    settings = settings or load_settings()
    configure_logging(service.name, settings.log_level, json=settings.log_json)
    telemetry = Telemetry(service.name, VERSION)
    # The routes themselves: those of an included router would be tried twice at each request, and more slowly.
    routes = [route for router in (*service.routers, *_PLATFORM) for route in router.routes]
    app = Application(
        title=service.title,
        summary=service.summary,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        # Served by `describe`.
        openapi_url=None,
        lifespan=_lifespan,
        middleware=_middleware(settings, telemetry, routes),
        separate_input_output_schemas=False,
        # A redirect would repeat the address, and clients drop a body or a token on the way.
        redirect_slashes=False,
        # FastAPI would send exception messages, which quote rows, to any global OpenTelemetry provider.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.service = service
    app.state.settings = settings
    app.state.clock = clock or SystemClock()
    app.state.telemetry = telemetry
    app.state.verifier = build_verifier(settings)
    app.state.database = open_database(service.name, settings)
    app.state.holdings = service.holdings
    app.state.framework_kinds = dict(service.framework_kinds)
    app.state.started = False
    telemetry.watch_pool(app.state.database.engine.pool)
    readers, writers = app.state.database.readers, app.state.database.writers
    telemetry.watch("qapf_database_readers", "Connections in use of `QAPF_READERS`.", lambda: readers.in_use)
    telemetry.watch("qapf_database_writers", "Connections in use of `QAPF_WRITERS`.", lambda: writers.in_use)
    telemetry.watch("qapf_read_only", "1 while no change is taken.", lambda: float(settings.read_only))
    install_problem_handlers(app)
    install_database_handlers(app)
    app.add_exception_handler(Replay, replayed)
    app.router.routes += routes
    probes.add_probes(app)
    app.add_route("/metrics", telemetry.endpoint, include_in_schema=False)
    mount_docs(app, service.title)
    describe(app)
    return app


def _middleware(settings: Settings, telemetry: Telemetry, routes: Sequence[BaseRoute]) -> list[Middleware]:
    found = [
        Middleware(RequestTelemetry, telemetry=telemetry, last_resort=_last_resort),
        Middleware(SecurityHeaders),
        Middleware(
            Limits,
            max_body=settings.max_body_bytes,
            max_import=settings.max_import_bytes,
            seconds=settings.request_timeout_seconds,
        ),
    ]
    if settings.read_only:
        posted = [route for route in routes if isinstance(route, APIRoute) and reads_only(route)]
        found.insert(2, Middleware(ReadOnlyMode, posted=posted))
    if settings.root_path:
        found.insert(0, Middleware(_UnderPrefix, prefix=settings.root_path.rstrip("/")))
    if settings.cors_origins:
        found.insert(-1, cross_origin(settings.cors_origins))
    return found


class _UnderPrefix:
    """Says under which prefix a gateway serves us: links, mounts and redirects count on a path that still holds it."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # In a larger app, or where the server was told, it is there already.
        if scope["type"] == "http" and not scope.get("root_path"):
            scope["root_path"] = self._prefix
            path = scope["path"]
            if path != self._prefix and not path.startswith(f"{self._prefix}/"):
                scope["path"] = self._prefix + path
                scope["raw_path"] = self._prefix.encode() + (scope.get("raw_path") or path.encode())
        await self._app(scope, receive, send)


async def _last_resort(scope: Scope, receive: Receive, send: Send, error: Exception) -> None:
    request = Request(scope)
    problem = Problem("It has been logged under this request's id.")
    await problem_response(request, problem)(scope, receive, send)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    settings: Settings = app.state.settings
    tasks: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(app.state.database.close)
        await _check_pools(app)
        for opened in service.lifespans:
            await stack.enter_async_context(opened(app))
        if settings.background and not settings.read_only:
            purging: list[Background] = [keep_purging] if settings.purge else []
            work: list[Background] = [_seal, _tidy, _count_jobs, *purging, *service.background]
            with service_context(service.name):
                tasks = [asyncio.create_task(start(app)) for start in work]
        app.state.started = True
        # What stands now stands until the end: the collector need not go through it again and again.
        gc.freeze()
        gc.set_threshold(*_COLLECTED_AFTER)
        _log.info("started", version=VERSION)
        try:
            yield
        finally:
            app.state.started = False
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            _log.info("stopped")


async def _check_pools(app: FastAPI) -> None:
    """A database that is still away is the readiness probe's to report, not a reason to die."""
    try:
        await check_connections(app.state.database, app.state.settings)
    except DATABASE_ERRORS as error:
        _log.warning("database_unavailable", error=type(error).__name__)


async def _seal(app: FastAPI) -> None:
    lag = app.state.telemetry.watch_lag("qapf_sealer_lag_seconds", "Since the activity was last sealed to its end.")
    await run_sealer(app.state.database, app.state.settings.seal_every_seconds, lag)


async def _count_jobs(app: FastAPI) -> None:
    await watch_jobs(app.state.database, app.state.telemetry)


async def _tidy(app: FastAPI) -> None:
    """Hourly housekeeping of what the platform itself keeps."""
    while True:
        try:
            await forget_old_keys(app.state.database, app.state.settings.idempotency_hours)
        except Exception as error:
            _log.warning("tidy_waits", error=type(error).__name__)
        await asyncio.sleep(3600)
