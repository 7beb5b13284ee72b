"""The application of a service: FastAPI's, with a shorter way to its routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette._utils import get_route_path
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.request_telemetry import has_begun
from shared.strict import StrictRoute


class Application(FastAPI):
    """FastAPI with our own middleware alone around the routes.

    What FastAPI puts around it besides answers for failures, as RequestTelemetry does, bounds bodies, as Limits does,
    and tells OpenTelemetry of exceptions, which we tell nobody.
    """

    def build_middleware_stack(self) -> ASGIApp:
        found: ASGIApp = Switchboard(self.routes, self.router)
        found = Exceptions(found, self.exception_handlers)
        for kind, given, named in reversed(self.user_middleware):
            found = kind(found, *given, **named)
        return found


class Exceptions:
    """Answers for what a route raises by the handler of its kind; what has none goes on to whoever answers last."""

    def __init__(self, app: ASGIApp, handlers: Mapping[Any, Any]) -> None:
        self._app, self._handlers = app, handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            handler = next((self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers), None)
            if handler is None or scope["type"] != "http" or has_begun(scope):
                raise
            response = await handler(Request(scope, receive, send), error)
            await response(scope, receive, send)
            # Its frames would hold one another until the collector comes.
            error.__traceback__ = None


class Switchboard:
    """Leads a request to its route by two things its path tells at once: how many words it has, and the second one.

    The router tries one pattern after another; it gets what is left: a path or method nobody has, a page, a probe.
    """

    def __init__(self, routes: Sequence[BaseRoute], router: ASGIApp) -> None:
        self._otherwise = AsyncExitStackMiddleware(router)
        self._routes: dict[tuple[int, str], list[StrictRoute]] = {}
        for route in routes:
            if isinstance(route, StrictRoute):
                assert ":" not in route.path, f"a part of {route.path} could be several words"
                self._routes.setdefault(_place(route.path), []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self.find(scope) if scope["type"] == "http" else None
        if route is None:
            await self._otherwise(scope, receive, send)
            return
        scope["route"], scope["endpoint"] = route, route.endpoint
        # FastAPI's own way through a route asks for a stack of what is to be closed.
        app = route.app if route.is_straight else AsyncExitStackMiddleware(route.app)
        await app(scope, receive, send)

    def find(self, scope: Scope) -> StrictRoute | None:
        """The first route of this path and method, its parameters put in the scope; None where the router must look."""
        path: str = get_route_path(scope)
        for route in self._routes.get(_place(path), ()):
            found = route.path_regex.match(path)
            if found is not None and scope["method"] in (route.methods or ()):
                scope["path_params"] = found.groupdict()
                return route
        return None


def _place(path: str) -> tuple[int, str]:
    words = path.split("/", 3)
    return path.count("/"), words[2] if len(words) > 2 else ""
