"""Live, ready and start probes: alive does no I/O, ready asks the database, started says the first work is done."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.database_errors import DATABASE_ERRORS
from shared.migrations import current_revision, head_revision


async def livez(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def readiness(app: FastAPI) -> tuple[bool, str]:
    """Whether to send this process traffic, and why not."""
    settings = app.state.settings
    if settings.drain_file is not None and settings.drain_file.exists():
        return False, "draining"
    try:
        revision = await current_revision(app.state.database)
    except (*DATABASE_ERRORS, TimeoutError):
        return False, "the database cannot be reached"
    head = head_revision(app.state.service.name)
    if revision is None or revision < head:
        return False, "the database is not migrated: run `qapf migrate`"
    # A newer revision is fine: during a rolling upgrade old code runs on the new schema.
    return True, "ready"


async def readyz(request: Request) -> Response:
    ready, why = await readiness(request.app)
    headers = {} if ready else {"Retry-After": "5"}
    return JSONResponse({"status": why}, status_code=200 if ready else 503, headers=headers)


async def startupz(request: Request) -> Response:
    started = bool(request.app.state.started)
    return JSONResponse({"status": "started" if started else "starting"}, status_code=200 if started else 503)


def add_probes(app: FastAPI) -> None:
    app.add_route("/livez", livez, include_in_schema=False)
    app.add_route("/readyz", readyz, include_in_schema=False)
    app.add_route("/startupz", startupz, include_in_schema=False)
