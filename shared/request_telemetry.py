"""Middleware that names each request, times it, and writes its one access line."""

import re
import time
from collections.abc import Awaitable, Callable, Collection

from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ids import new_id
from shared.logging import AccessLog, get_logger, request_context
from shared.telemetry import Telemetry

UNMATCHED = "unmatched"
QUIET_ROUTES = ("/livez", "/readyz", "/startupz", "/metrics")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADER = b"x-request-id"
# A UUID and nothing else: problem documents name it as one, and no child's name or number has that form.
_ACCEPTED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HUNG_UP = 499

log = get_logger(__name__)

# Answers in place of an exception nothing else has caught.
LastResort = Callable[[Scope, Receive, Send, Exception], Awaitable[None]]


class _Exchange:
    """What is known of one request so far."""

    def __init__(self, request_id: str) -> None:
        self.request_id, self.began = request_id, time.perf_counter()
        self.status: int | None = None


def has_begun(scope: Scope) -> bool:
    """Whether the head of the answer is out; for what stands inside RequestTelemetry."""
    exchange: _Exchange = scope["state"]["exchange"]
    return exchange.status is not None


class RequestTelemetry:
    """Pure ASGI, so that bodies stream through and what the endpoint binds to the context stays visible.

    With `last_resort` an unhandled exception is logged here once and answered; without, logged and raised.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        telemetry: Telemetry,
        last_resort: LastResort | None = None,
        quiet: Collection[str] = QUIET_ROUTES,
    ) -> None:
        self._app = app
        self._telemetry = telemetry
        self._last_resort = last_resort
        self._quiet = frozenset(quiet)
        self._lines = AccessLog(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        # A service mounted in a larger app keeps the id the outer middleware has given.
        exchange = _Exchange(_accepted(state.get("request_id")) or _accepted_id(scope) or str(new_id()))
        state["request_id"], state["exchange"] = exchange.request_id, exchange
        self._telemetry.in_flight += 1
        with request_context(exchange.request_id, self._telemetry.service):
            try:
                await self._answer(scope, receive, _naming(send, exchange), exchange)
            except Exception:
                exchange.status = exchange.status or 500
                raise
            finally:
                self._telemetry.in_flight -= 1
                self._conclude(scope, exchange)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, exchange: _Exchange) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            # Nobody is left to answer, and nothing is wrong on our side.
            exchange.status = exchange.status or _HUNG_UP
        except Exception as error:
            log.error("unhandled exception", exc_info=error, route=route_template(scope), operation=operation(scope))
            # Once the head is out only a cut connection can tell the client that the rest is missing.
            if self._last_resort is None or exchange.status is not None:
                raise
            await self._last_resort(scope, receive, send, error)

    def _conclude(self, scope: Scope, exchange: _Exchange) -> None:
        state = scope["state"]
        if state.get("access_logged"):
            return
        state["access_logged"] = True
        seconds = time.perf_counter() - exchange.began
        status = exchange.status or _HUNG_UP
        name = operation(scope)
        # A client may invent methods; neither a label nor a line may grow with what clients invent.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._telemetry.record_request(name, method, status, seconds)
        route = route_template(scope)
        quiet = route in self._quiet and status < 400
        kind = (method, route, name, status)
        self._lines.write(kind, self._telemetry.service, exchange.request_id, round(seconds * 1000, 1), quiet=quiet)


def route_template(scope: Scope) -> str:
    """The route as declared, with names in place of values, or `unmatched`: never the path that came."""
    context = _effective_route(scope)
    if context is not None:
        return str(context.path)  # type: ignore[attr-defined]
    route = scope.get("route") or _plain_route(scope)
    if isinstance(route, Mount):
        return f"{route.path}/{{path}}"
    return str(getattr(route, "path", UNMATCHED))


def operation(scope: Scope) -> str:
    """The operation id of OpenAPI where the route has one, else its template."""
    for route in (_effective_route(scope), scope.get("route")):
        found = getattr(route, "unique_id", None)
        if found:
            return str(found)
    return route_template(scope)


def _effective_route(scope: Scope) -> object | None:
    # For a route of an included router FastAPI's scope["route"] lacks the router's prefix; this has it all.
    context = scope.get("fastapi", {}).get("effective_route_context")
    return context if isinstance(getattr(context, "path", None), str) else None


def _plain_route(scope: Scope) -> BaseRoute | None:
    """Starlette's own routes leave only their endpoint in the scope."""
    endpoint = scope.get("endpoint")
    if endpoint is None:
        return None
    routes = getattr(scope.get("app"), "routes", [])
    return next(
        (route for route in routes if getattr(route, "endpoint", getattr(route, "app", None)) is endpoint),
        None,
    )


def _accepted_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _HEADER:
            return _accepted(value.decode("latin-1"))
    return None


def _accepted(given: str | None) -> str | None:
    return given if given and _ACCEPTED.fullmatch(given) else None


def _naming(send: Send, exchange: _Exchange) -> Send:
    async def named_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            headers, name = message.get("headers", []), (_HEADER, exchange.request_id.encode("ascii"))
            # A service mounted in a larger app has named it already.
            if name not in headers:
                message = {**message, "headers": [*headers, name]}
        await send(message)

    return named_send
