"""Strict request bodies and the route class that checks the caller before a byte of the body is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import jiter
from fastapi import Request, Response
from fastapi._compat import ModelField, field_annotation_is_sequence
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic_core import PydanticUndefined
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.direct import direct
from shared.problems import Fault, Malformed, UnsupportedMedia

# With two digits of exponent it still takes more than two hundred digits to pass 1e308. It begins with what every match
# begins with: the search then goes over a body four times as fast.
_HUGE_NUMBER = re.compile(rb"[0-9](?:[eE]\+?[0-9]{3}|[0-9]{199})")


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _first_unstorable(node: Any, pointer: str = "") -> Fault | None:
    """Find the NUL or the infinity that cannot be stored; a bad key points to its parent."""
    if isinstance(node, str) and "\x00" in node:
        return Fault(pointer, "nul_character", "there is a NUL character in this text")
    if isinstance(node, float) and node in (float("inf"), float("-inf")):
        return Fault(pointer, "finite_number", "give a finite number")
    if isinstance(node, list):
        children = ((str(index), child) for index, child in enumerate(node))
    elif isinstance(node, dict):
        if any("\x00" in key for key in node):
            return Fault(pointer, "nul_character", "there is a NUL character in a key here")
        children = ((_escape(key), child) for key, child in node.items())
    else:
        return None
    for part, child in children:
        if fault := _first_unstorable(child, f"{pointer}/{part}"):
            return fault
    return None


def parse_json(raw: bytes) -> Any:
    """Parse strictly: no duplicate key, NaN, infinity, NUL, lone surrogate, byte order mark or deep nesting.

    Raises Malformed whose fault says what kind it is and where the parser stood, never what it saw.
    """
    try:
        parsed = jiter.from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
    except ValueError as error:
        words = str(error)
        at = re.search(r"line (\d+) column (\d+)$", words)
        place = f" (line {at[1]}, column {at[2]})" if at else ""
        if words.startswith("Detected duplicate key"):
            fault = Fault("", "duplicate_key", f"a key stands twice in one object{place}")
        elif "recursion" in words:
            fault = Fault("", "too_deep", f"the nesting is too deep{place}")
        else:
            fault = Fault("", "json_invalid", f"this is not valid JSON in UTF-8{place}")
        raise Malformed("The body is not JSON this service takes; see errors.", errors=[fault]) from None
    if (b"\\u0000" in raw or _HUGE_NUMBER.search(raw)) and (fault_ := _first_unstorable(parsed)):
        raise Malformed("The body holds something that cannot be stored; see errors.", errors=[fault_])
    return parsed


def refuse_encoded(request: Request) -> None:
    """Refuse compressed bodies: a small one may unpack to gigabytes."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMedia("Send the body without Content-Encoding.")


def _query_fields(dependant: Dependant) -> list[ModelField]:
    below = (field for one in dependant.dependencies for field in _query_fields(one))
    return [*dependant.query_params, *below]


def _refuse_parameters(request: Request, known: set[str], lists: set[str]) -> None:
    """Refuse a query name nobody reads, since a mistyped filter would widen what is shown, and two values for one."""
    if not request.scope["query_string"]:
        return
    sent = request.query_params
    if not set(sent) <= known:
        words = f"this takes {', '.join(sorted(known))}" if known else "this takes no parameters"
        fault = Fault("/query", "unknown_parameter", words)
        raise Malformed("There is a query parameter that this operation does not know.", errors=[fault])
    if len(sent) == len(sent.multi_items()):
        return
    times = Counter(name for name, _ in sent.multi_items())
    faults = [
        Fault(f"/query/{_escape(name)}", "repeated_parameter", "give this once")
        for name in sorted(known - lists)
        if times[name] > 1
    ]
    if faults:
        raise Malformed("A query parameter that has one value was given several.", errors=faults)


def _is_bare(request: Request) -> bool:
    """Whether nothing was sent, for operations whose body may be left out."""
    headers = request.headers
    return headers.get("content-length", "0") == "0" and not ({"content-type", "transfer-encoding"} & set(headers))


def _answering(handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> ASGIApp:
    """The handler as an application: nothing it depends on is to be closed, and what it raises the app answers for."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handle(Request(scope, receive, send))
        await response(scope, receive, send)

    return answer


class StrictRoute(APIRoute):
    """Runs the route's own permission first, then reads the body strictly.

    FastAPI reads the body before it solves dependencies; a stranger would learn what is wrong with a body he may
    not send, and cost us the reading of it.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # Operations go by the names of their functions.
        super().__init__(path, endpoint, **(options | {"generate_unique_id_function": lambda route: route.name}))
        self.is_straight = direct(self.dependant) is not None
        if self.is_straight:
            self.app = _answering(self.get_route_handler())

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        straight = direct(self.dependant)
        asked = ((one.name, one.call) for one in self.dependant.dependencies)
        checks = [(name, check) for name, check in asked if check is not None and hasattr(check, "is_permission")]
        takes_json = self.body_field is not None
        # FastAPI's own reader of bodies is not strict.
        assert straight is not None or not takes_json, f"{self.path} asks for more than one JSON body and parameters"
        may_be_bare = self.body_field is not None and not self.body_field.field_info.is_required()
        fields = _query_fields(self.dependant)
        known = {field.alias for field in fields}
        lists = {field.alias for field in fields if field_annotation_is_sequence(field.field_info.annotation)}

        async def handler(request: Request) -> Response:
            permitted = {str(name): await check(request) for name, check in checks}
            _refuse_parameters(request, known, lists)
            if request.method in ("POST", "PUT", "PATCH", "DELETE"):
                refuse_encoded(request)
                content_type = request.headers.get("content-type", "")
                is_json = content_type.split(";")[0].strip().lower() == "application/json"
                if takes_json and not is_json and not (may_be_bare and _is_bare(request)):
                    raise UnsupportedMedia("Send application/json.")
            if straight is not None:
                raw = await request.body() if takes_json else b""
                return await straight(request, permitted, parse_json(raw) if raw else PydanticUndefined)
            return await handle(request)

        return handler
