"""Calls a route straight away, where FastAPI would look at each parameter's type every time.

Only what was really sent goes through FastAPI's own reading of parameters; for the rest the defaults are known.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from pydantic_core import PydanticUndefined


class Direct:
    """One function a request is answered by: the route's own, or what it depends on."""

    def __init__(self, dependant: Dependant) -> None:
        assert dependant.call is not None
        self._call = dependant.call
        self._name, self._request_name = dependant.name, dependant.request_param_name
        self._path, self._headers = dependant.path_params, dependant.header_params
        self._body = dependant.body_params
        self._query = [(field.alias, field.field_info.is_required(), field) for field in dependant.query_params]
        optional = [field for _, required, field in self._query if not required]
        self._defaults = {field.name: field.default for field in optional}
        self._lists = [field.name for field in optional if isinstance(field.default, list)]
        self._needs = [Direct(one) for one in dependant.dependencies]
        # The database, the clock, the settings: what the application has at hand.
        self._is_at_hand = bool(self._request_name) and not (self._needs or self._path or self._query or self._headers)

    async def __call__(self, request: Request, given: Mapping[str, Any], body: Any = PydanticUndefined) -> Response:
        """The route's answer; `given` are dependencies by name that have been solved already, `body` is the JSON."""
        errors: list[Any] = []
        values = await self._values(request, given, errors)
        if self._body:
            found, faults = await request_body_to_args(self._body, body, embed_body_fields=False)
            values.update(found)
            errors += faults
        if errors:
            raise RequestValidationError(errors)
        answer: Response = await self._call(**values)
        return answer

    async def _values(self, request: Request, given: Mapping[str, Any], errors: list[Any]) -> dict[str, Any]:
        values = dict(self._defaults)
        for name in self._lists:
            values[name] = list(values[name])
        for need in self._needs:
            if need._name is not None:
                known = need._name in given
                values[need._name] = given[need._name] if known else await need._solved(request, errors)
        for field in self._path:
            # A part of the path is always there, once: there is nothing to look for.
            value, faults = field.validate(request.path_params[field.alias], loc=("path", field.alias))
            errors += faults
            if not faults:
                values[field.name] = value
        if self._query:
            sent = request.query_params
            _read([field for alias, required, field in self._query if required or alias in sent], sent, values, errors)
        if self._headers:
            _read(self._headers, request.headers, values, errors)
        if self._request_name is not None:
            values[self._request_name] = request
        return values

    async def _solved(self, request: Request, errors: list[Any]) -> Any:
        if self._is_at_hand:
            return await self._call(request)
        own: list[Any] = []
        values = await self._values(request, {}, own)
        if own:
            errors += own
            return None
        return await self._call(**values)


def _read(fields: list[Any], sent: Any, values: dict[str, Any], errors: list[Any]) -> None:
    found, faults = request_params_to_args(fields, sent)
    values.update(found)
    errors += faults


def direct(dependant: Dependant) -> Direct | None:
    """The straight way to a route; None where it asks for what only FastAPI can give, such as several bodies."""
    if len(dependant.body_params) > 1 or not _answers_itself(dependant.call) or not _is_plain(dependant):
        return None
    return Direct(dependant)


def _answers_itself(call: Callable[..., Any] | None) -> bool:
    answer = get_type_hints(call).get("return") if call is not None else None
    return isinstance(answer, type) and issubclass(answer, Response)


def _is_plain(dependant: Dependant) -> bool:
    special = (
        dependant.cookie_params or dependant.websocket_param_name or dependant.http_connection_param_name
        or dependant.response_param_name or dependant.concurrency
        or dependant.background_tasks_param_name or dependant.security_scopes_param_name
    )  # fmt: skip
    call = dependant.call
    waits = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004
    return not special and waits and all(_is_plain(one) and not one.body_params for one in dependant.dependencies)
