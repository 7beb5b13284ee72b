"""OpenAPI as it is true: the problems every operation can answer with, the scope it needs, the headers it takes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from shared.batches import models_of_rows
from shared.problems import MEDIA_TYPE, ProblemOut
from shared.routing import api_routes

_REFUSALS = {
    400: "The request cannot be read.",
    401: "No valid bearer token.",
    403: "The token lacks the scope.",
    404: "Nothing here for this caller.",
    405: "The path does not take that method.",
    409: "A rule or the present state does not allow this.",
    412: "The record has changed since it was read.",
    413: "The body is too large.",
    415: "The body is of a kind not taken here.",
    422: "Malformed: the faults are in `errors`.",
    428: "If-Match is missing.",
    429: "Too many requests from this address; see Retry-After.",
    500: "A fault of ours, logged under the request id.",
    503: "Busy, or the database is away; see Retry-After.",
    507: "No room left to store this.",
}
_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Retry-After": ("seconds to wait before the same is sent again", {"type": "integer", "minimum": 1}),
    "RateLimit": ("what is left to this address (`r`), and for how many seconds (`t`)", {"type": "string"}),
    "RateLimit-Policy": ("how many requests (`q`) in how many seconds (`w`)", {"type": "string"}),
}
_WAIT = {429, 503, 507}
_WITHOUT_BODY = (400, 401, 403, 404, 405, 409, 422, 500, 503)
_ONLY_OPEN = {429}
_OF_VERSIONS = {412, 428}
_NEVER_OPEN = {401, 403, 404, 412, 428}
# For a POST that works something out or looks it up: it stores nothing, takes no key, and read-only mode answers it.
READS_ONLY: dict[str, Any] = {"x-reads-only": True}
# For a POST whose answer may not be kept, though it is written down that it was asked.
TAKES_NO_KEY: dict[str, Any] = {"x-takes-no-key": True}
IDEMPOTENCY_HEADER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "sent again with the same body, the first answer is given again and nothing is stored twice",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
# A caller who sends no ETag is told so with 428; the document says beforehand that one is needed.
_ETAGS: dict[str, Any] = {
    "type": "string",
    "maxLength": 500,
    "pattern": r'^"[!#-+.-~-]*"(, ?"[!#-+.-~-]*")*$',
    "examples": ['"1"'],
}


def scope_of(route: APIRoute) -> str | None:
    """The scope a route needs; None where any valid token will do. Raises LookupError for an open route."""
    for dependant in route.dependant.dependencies:
        if getattr(dependant.call, "is_permission", False) and not is_open(route):
            scope: str | None = getattr(dependant.call, "scope", None)
            return scope
    raise LookupError(route.name)


def is_open(route: APIRoute) -> bool:
    """Whether an operation is for people without a login."""
    return any(getattr(dependant.call, "is_open", False) for dependant in route.dependant.dependencies)


def reads_only(route: APIRoute) -> bool:
    """Whether an operation stores nothing, though it is a POST."""
    return READS_ONLY.items() <= (route.openapi_extra or {}).items()


def _complete(operation: dict[str, Any], method: str, route: APIRoute | None) -> None:
    first, stop, _ = " ".join(operation.get("description", "").split()).partition(". ")
    operation["summary"] = first.rstrip(".") if stop or first else operation.get("summary", "")
    versioned = _say_what_versions_are_named(operation.get("parameters", []))
    changes = method in ("post", "put", "patch", "delete")
    for_anyone = route is not None and is_open(route)
    # An address without a login may hold a secret that nobody has, or no longer.
    secret = route is not None and "{" in route.path_format
    never_open = _NEVER_OPEN - {404} if secret else _NEVER_OPEN
    for status in _REFUSALS if changes else _WITHOUT_BODY:
        if status in (never_open if for_anyone else _ONLY_OPEN) or (status in _OF_VERSIONS and not versioned):
            continue
        operation["responses"][str(status)] = {
            "description": _REFUSALS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
            **(_told("Retry-After") if status in _WAIT else {}),
        }
    # Nothing may be kept by which a submission could be found again: a one-time token does the work of the key.
    if method == "post" and not for_anyone and not operation.keys() & {"x-reads-only", "x-takes-no-key"}:
        operation.setdefault("parameters", []).append(IDEMPOTENCY_HEADER)
    if route is None:
        return
    if for_anyone:
        operation["security"] = []
        for answer in operation["responses"].values():
            answer.setdefault("headers", {}).update(_told("RateLimit", "RateLimit-Policy")["headers"])
    try:
        scope = scope_of(route)
    except LookupError:
        return
    operation["security"] = [{"bearer": []}]
    if scope is not None:
        operation["x-scope"] = scope
        words = operation.get("description", "")
        operation["description"] = f"{words}\n\nNeeds the scope `{scope}`.".strip()


def _say_what_versions_are_named(parameters: list[dict[str, Any]]) -> bool:
    """Make the headers of preconditions as strict as they are read; whether the operation takes one."""
    headers = {one["name"]: one for one in parameters if one["in"] == "header"}
    if "If-Match" not in headers:
        return False
    headers["If-Match"].update(required="If-None-Match" not in headers, schema=_ETAGS)
    if "If-None-Match" in headers:
        headers["If-None-Match"]["schema"] = {"type": "string", "const": "*"}
    return True


def _told(*names: str) -> dict[str, Any]:
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


def _write_bounds_whole(found: Any) -> None:
    """The framework makes every bound a fraction; of an integer it reads `1000000000`, not `1000000000.0`."""
    if isinstance(found, dict):
        for name in _BOUNDS & found.keys():
            if isinstance(found[name], float) and found[name].is_integer():
                found[name] = int(found[name])
    for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        _write_bounds_whole(one)


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` give the completed document, and serve it."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        found = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        components = found.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["ProblemOut"] = problem
        referred = json.dumps(found["paths"])
        for model in models_of_rows:
            if model.__name__ not in schemas and f'schemas/{model.__name__}"' in referred:
                rows = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update({**rows.pop("$defs", {}), model.__name__: rows, **schemas})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        components["headers"] = {
            name: {"description": words, "schema": schema} for name, (words, schema) in _HEADERS.items()
        }
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        routes = {
            (route.path_format, method.lower()): route for route in api_routes(app) for method in route.methods or ()
        }
        for path, operations in found["paths"].items():
            for method, operation in operations.items():
                _complete(operation, method, routes.get((path, method)))
        _write_bounds_whole(found)
        app.openapi_schema = found
        return found

    app.openapi = document  # type: ignore[method-assign]
    app.add_route("/openapi.json", _Served(app).answer, include_in_schema=False)


class _Served:
    """The document in its bytes, written beside the event loop when it is first asked for, by one for all who ask.

    It takes a second, in which nobody else would be answered.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._written: dict[str, asyncio.Task[bytes]] = {}

    async def answer(self, request: Request) -> Response:
        prefix = request.scope.get("root_path", "").rstrip("/")
        writing = self._written.get(prefix)
        if writing is None or (writing.done() and (writing.cancelled() or writing.exception())):
            writing = self._written[prefix] = asyncio.create_task(asyncio.to_thread(self._write, prefix))
        # Whoever hangs up leaves it to the others.
        return Response(await asyncio.shield(writing), media_type="application/json")

    def _write(self, prefix: str) -> bytes:
        found = {**self._app.openapi(), **({"servers": [{"url": prefix}]} if prefix else {})}
        return json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
