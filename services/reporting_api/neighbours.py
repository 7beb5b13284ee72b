"""The other three services as this one reaches them: in this process where they are embedded, else over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from shared.auth.sources import service_token
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from shared.settings import Settings
from shared.trust import further_trust

NAMES = ("audit", "indicator", "feedback")


@asynccontextmanager
async def open_neighbours(app: FastAPI) -> AsyncIterator[None]:
    """Put the configured neighbours on `app.state.neighbours`; one that is not configured is left out."""
    settings: Settings = app.state.settings
    embedded = getattr(app.state, "neighbour_apps", {})
    # Without a caller's own token the clock asks in the name of this service.
    token = service_token(settings, "reporting_service")
    alike = partial(Neighbour, token=token, clock=app.state.clock, observe=app.state.telemetry.record_neighbour_call)
    trust = further_trust(settings)
    found = []
    for name in NAMES:
        url = getattr(settings, f"{name}_url")
        if name in embedded:
            found.append(alike(name, asgi_app=embedded[name]))
        elif url:
            found.append(alike(name, base_url=url.rstrip("/"), tls=trust))
    async with Neighbours(*found) as neighbours:
        app.state.neighbours = neighbours
        yield
