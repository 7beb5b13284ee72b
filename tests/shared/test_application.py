"""What stands around the routes of a service."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.middleware import Middleware
from starlette.responses import StreamingResponse

from shared.application import Application
from shared.problem_handlers import install_problem_handlers
from shared.problems import NotFound
from shared.request_telemetry import RequestTelemetry
from shared.strict import StrictRoute
from shared.telemetry import Telemetry


async def test_a_problem_that_comes_after_the_head_tears_the_answer_and_gives_no_second_head() -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise NotFound()

    async def read_half() -> StreamingResponse:
        return StreamingResponse(half())

    async def read_none() -> None:
        raise NotFound()

    app = Application(middleware=[Middleware(RequestTelemetry, telemetry=Telemetry("audit"), last_resort=None)])
    install_problem_handlers(app)
    for path, read in (("/v1/half", read_half), ("/v1/none", read_none)):
        app.router.routes.append(StrictRoute(path, read))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        assert (await client.get("/v1/none")).status_code == 404
        with pytest.raises(NotFound):
            await client.get("/v1/half")
