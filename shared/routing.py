"""Finding an application's routes, which FastAPI keeps inside the routers it included."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute


def api_routes(app: FastAPI) -> list[APIRoute]:
    """Every API route of an app, those of its included routers too (FastAPI keeps them as routers)."""
    found: list[APIRoute] = []
    queue: list[Any] = list(app.routes)
    while queue:
        route = queue.pop(0)
        if isinstance(route, APIRoute):
            found.append(route)
        elif (router := getattr(route, "original_router", None)) is not None:
            queue.extend(router.routes)
    return found
