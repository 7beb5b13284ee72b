"""Makes every error of an application a problem document."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.logging import get_logger
from shared.problems import (
    BadRequest,
    Forbidden,
    Malformed,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Problem,
    TooLarge,
    TooMany,
    Unauthenticated,
    UnsupportedMedia,
    fault_from_pydantic,
    problem_response,
)
from shared.routing import api_routes

_log = get_logger(__name__)


def _from_validation(error: RequestValidationError) -> Problem:
    faults = [fault_from_pydantic(item) for item in error.errors()[:100]]
    count = len(error.errors())
    places = "one place" if count == 1 else f"{count} places"
    return Malformed(f"The request is not in the documented form in {places}; see errors.", errors=faults)


_BY_STATUS: dict[int, type[Problem]] = {
    400: BadRequest, 401: Unauthenticated, 403: Forbidden, 404: NotFound, 405: MethodNotAllowed,
    406: NotAcceptable, 413: TooLarge, 415: UnsupportedMedia, 429: TooMany,
}  # fmt: skip


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(request, error)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(request, _from_validation(error))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    carried = getattr(error, "problem", None)
    if isinstance(carried, Problem):
        return problem_response(request, carried)
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        _log.warning("http_error", status=error.status_code, phrase=HTTPStatus(error.status_code).phrase)
        kind = Problem if error.status_code >= 500 else BadRequest
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))
    return problem_response(request, kind(headers=headers))


def _methods(request: Request) -> list[str]:
    """Every method of the path: the router knows only those of the first route that has it."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    matching = (route for route in api_routes(request.app) if route.path_regex.match(path))
    return sorted({method for route in matching for method in route.methods or ()})


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the app a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
