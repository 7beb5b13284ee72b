"""A route called straight away answers as FastAPI itself would."""

from __future__ import annotations

import re
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header, Path, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.routing import Match

from shared.application import Switchboard
from shared.auth.permission import OpenDoor, Permission
from shared.direct import direct
from shared.paging import Cursor, cursor
from shared.problem_handlers import install_problem_handlers
from shared.routing import api_routes
from shared.settings import SERVICES, ServiceName
from shared.strict import StrictRoute
from tests.conftest import Running, Start

Words = Annotated[str, Query(max_length=5)]


async def read_thing(
    request: Request,
    code: Annotated[str, Path(pattern="^[a-z]+$")],
    at: Annotated[Cursor, cursor(str)],
    needed: Annotated[int, Query(ge=0)],
    word: Annotated[list[Words], Query(max_length=3)] = [],  # noqa: B006
    first: Annotated[int | None, Query(alias="from")] = None,
    told: Annotated[str, Header(max_length=5)] = "none",
) -> Response:
    word.append("seen")
    return Response(f"{request.url.path} {code} {at.after} {at.limit} {needed} {word} {first} {told}")


def app_of(route_class: type[APIRoute]) -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)
    router = APIRouter(route_class=route_class)
    router.add_api_route("/things/{code}", read_thing)
    app.router.routes += router.routes
    return app


QUERIES = (
    "needed=1", "needed=1&word=a&word=b", "needed=1&from=7&limit=3&after=WyJhIl0", "needed=0&word=",
    "", "needed=x", "needed=-1&limit=0", "needed=1&word=toolong", "needed=1&word=a&word=b&word=c&word=d",
    "needed=1&after=rubbish", "needed=&from=&limit=", "needed=1&from=x&after=" + "a" * 2001,
)  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("code", ["abc", "ABC"])
async def test_parameters_are_read_and_refused_as_by_fastapi(query: str, code: str) -> None:
    found: list[Any] = []
    for route_class in (StrictRoute, APIRoute):
        transport = httpx.ASGITransport(app_of(route_class))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            for headers in ({}, {"told": "abc"}, {"told": "too long"}):
                for _ in range(2):  # a default that was changed must not be seen by the next request
                    answer = await client.get(f"/things/{code}?{query}", headers=headers)
                    found.append((answer.status_code, answer.text.partition('"request_id"')[0]))
    half = len(found) // 2
    assert found[:half] == found[half:]
    assert {status for status, _ in found} <= {200, 422}


@pytest.mark.parametrize("query", ["needed=1&needed=2", "needed=1&needed=1&word=a&word=b", "from=7&needed=1&from=8"])
async def test_a_parameter_of_one_value_is_given_once(query: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_of(StrictRoute)), base_url="http://x") as client:
        refused = await client.get(f"/things/abc?{query}")
    (fault,) = refused.json()["errors"]
    assert (refused.status_code, fault["code"]) == (422, "repeated_parameter")
    assert fault["pointer"] == ("/query/from" if "from" in query else "/query/needed")


class Thing(BaseModel):
    name: Annotated[str, Field(max_length=5)]
    parts: list[int] = []


async def add_thing(
    request: Request, code: Annotated[str, Path(pattern="^[a-z]+$")], thing: Thing, needed: Annotated[int, Query(ge=0)]
) -> Response:
    return Response(f"{code} {needed} {thing.model_dump_json()}")


BODIES = (
    b'{"name": "abc", "parts": [1, 2]}', b'{"name": "abc"}', b"", b"null", b"[]", b"7", b'{"parts": ["x"]}',
    b'{"name": "too long", "parts": [1, "y", null]}',
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", ["/things/abc?needed=1", "/things/ABC?needed=-1"])
async def test_a_body_is_read_and_refused_as_by_fastapi(body: bytes, path: str) -> None:
    found: list[Any] = []
    for route_class in (StrictRoute, APIRoute):
        app = FastAPI()
        install_problem_handlers(app)
        app.router.routes.append(route_class("/things/{code}", add_thing, methods=["POST"]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
        said = {"text": answer.text} if answer.status_code == 200 else answer.json()
        found.append((answer.status_code, said.get("text"), sorted(map(str, said.get("errors", [])))))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", SERVICES)
async def test_nearly_every_route_goes_straight(start: Start, name: ServiceName) -> None:
    running: Running = await start(name, dorset=False)
    routes = api_routes(running.app)
    changing = [one for one in routes if one.methods != {"GET"}]
    assert all(direct(one.dependant) for one in changing)
    reading = [one for one in routes if one.methods == {"GET"}]
    assert 2 * sum(direct(one.dependant) is not None for one in reading) > len(reading)
    for one in reading:
        asked = [need.call for need in one.dependant.dependencies]
        assert any(isinstance(call, Permission | OpenDoor) for call in asked) or not one.include_in_schema, one.path
    led = Switchboard(running.app.routes, running.app.router)
    for one in routes:
        for path in (re.sub(r"{\w+}", "x", one.path), one.path):
            with_slash = led.find({"type": "http", "path": f"{path}/", "method": min(one.methods)})
            assert with_slash is None or with_slash.path.endswith("/")
            assert led.find({"type": "http", "path": path, "method": "TRACE"}) is None
            scope = {"type": "http", "path": path, "method": min(one.methods)}
            first = next(two for two in running.app.routes if two.matches(scope)[0] is Match.FULL)
            assert led.find(scope) in (first, None if "{" in one.path.split("/")[2] else first), one.path
