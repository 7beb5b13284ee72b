"""Any of the four services in one process on one port, each under its own prefix, as behind the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from services.catalogue import create_service
from shared.clock import Clock
from shared.probes import livez, readiness
from shared.problems import MethodNotAllowed, NotFound, problem_response
from shared.settings import SERVICES, ServiceName, Settings, load_settings

_PAGE = Path(__file__).with_name("welcome.html")


def create_app(
    services: Sequence[ServiceName] = SERVICES,
    settings: Settings | None = None,
    clock: Clock | None = None,
    *,
    started: bool = True,
) -> Starlette:
    """The embedded application. With `started=False` the root's start probe waits for `app.state.started`."""
    settings = settings or load_settings()
    apps: dict[ServiceName, FastAPI] = {name: create_service(name, settings, clock) for name in services}
    for app in apps.values():
        # In-process neighbours: reporting's clients call these through the ASGI interface instead of a socket.
        app.state.neighbour_apps = {name: other for name, other in apps.items() if other is not app}
        app.state.services_here = len(apps)

    @asynccontextmanager
    async def lifespan(root: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            # Mounted apps get no lifespan of their own from Starlette.
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            root.state.started = started
            yield

    root = Starlette(
        routes=[
            Route("/", _welcome),
            Route("/livez", livez),
            Route("/readyz", _readyz),
            Route("/startupz", _startupz),
            *(Mount(f"/{name}", app) for name, app in apps.items()),
            Route("/{path:path}", _nothing),
        ],
        lifespan=lifespan,
        exception_handlers={404: _nothing, 405: _other_method},
    )
    root.state.apps = apps
    root.state.started = False
    return root


async def _welcome(request: Request) -> Response:
    links = "".join(
        f'<li><a href="/{name}/docs">{app.title}</a>: {app.summary}</li>'
        for name, app in request.app.state.apps.items()
    )
    return HTMLResponse(_PAGE.read_text(encoding="utf-8").replace("<!--services-->", links))


async def _readyz(request: Request) -> Response:
    found = {name: await readiness(app) for name, app in request.app.state.apps.items()}
    ready = all(good for good, _ in found.values())
    body = {
        "status": "ready" if ready else "not ready",
        "services": {name: why for name, (_, why) in found.items()},
    }
    return JSONResponse(body, 200 if ready else 503, {} if ready else {"Retry-After": "5"})


async def _startupz(request: Request) -> Response:
    started = bool(request.app.state.started)
    return JSONResponse({"status": "started" if started else "starting"}, 200 if started else 503)


async def _other_method(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_response(request, MethodNotAllowed(headers=error.headers))


async def _nothing(request: Request, error: Exception | None = None) -> Response:
    here = ", ".join(f"/{name}" for name in request.app.state.apps)
    return problem_response(request, NotFound(f"The services are under {here}."))
