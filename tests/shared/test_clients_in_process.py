"""The same calls with the neighbour in this process, where nothing may differ."""

import asyncio
import time
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from shared.clients.answers import Answer, NeighbourUnavailable
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from tests.shared.little_server import GOOD, Figures

pytestmark = pytest.mark.anyio


whose: ContextVar[str] = ContextVar("whose", default="nobody's")


def app_that(*messages: dict[str, Any], then: Exception | None = None) -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        if then is not None:
            raise then

    return app


def start(status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": [(b"etag", b'"3"')]}


def part(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def ask_inside(app: Any, **settings: Any) -> Answer[Figures]:
    settings = {"deadline": 0.8, "retries": 0, **settings}
    async with Neighbours(Neighbour("indicator", asgi_app=app, **settings)) as neighbours:
        return await neighbours["indicator"].get("/v1/figures", None, Figures)


async def reason_inside(app: Any, **settings: Any) -> str:
    began = time.monotonic()
    with pytest.raises(NeighbourUnavailable) as failure:
        await ask_inside(app, **settings)
    assert time.monotonic() - began < 1
    return failure.value.reason


async def test_in_process_the_answer_is_the_same() -> None:
    answer = await ask_inside(app_that(start(), part(GOOD[:5], more=True), part(GOOD[5:])))
    assert (answer.data.rate, answer.etag) == (65.0, '"3"')


async def test_in_process_the_callee_sees_its_prefix_and_none_of_the_caller_s_context() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.update(path=scope["path"], root_path=scope["root_path"], whose=whose.get())
        whose.set("the callee's")
        await app_that(start(), part(GOOD))(scope, receive, send)

    whose.set("the caller's")
    await ask_inside(app, root_path="/indicator")
    assert seen == {"path": "/indicator/v1/figures", "root_path": "/indicator", "whose": "nobody's"}
    assert whose.get() == "the caller's"


async def test_in_process_an_exception_of_the_callee_is_a_500_and_not_raised() -> None:
    assert await reason_inside(app_that(then=KeyError("canary"))) == "http_500"


@pytest.mark.parametrize("then", [None, KeyError("canary")])
async def test_in_process_half_an_answer_is_never_taken_for_a_whole_one(then: Exception | None) -> None:
    assert await reason_inside(app_that(start(), part(GOOD, more=True), then=then)) == "cut_body"


async def test_in_process_no_answer_at_all_is_a_500() -> None:
    assert await reason_inside(app_that()) == "http_500"


async def test_in_process_an_exception_after_the_whole_answer_spoils_nothing() -> None:
    assert (await ask_inside(app_that(start(), part(GOOD), then=KeyError("late")))).data.rate == 65.0


async def test_in_process_an_endless_answer_is_stopped() -> None:
    sent = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent
        await send(start())
        while True:
            await send(part(b" " * 10_000, more=True))
            sent += 10_000

    assert await reason_inside(app, max_body=100_000) == "body_too_large"
    assert sent <= 100_000


async def test_in_process_a_hanging_callee_times_out_and_is_cancelled() -> None:
    ended = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    assert await reason_inside(app, deadline=0.1) == "timeout"
    await asyncio.wait_for(ended.wait(), 0.5)


async def test_in_process_a_callee_that_will_not_be_cancelled_does_not_hold_its_caller() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(2):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.4)

    began = time.monotonic()
    assert await reason_inside(app, deadline=0.1) == "timeout"
    assert time.monotonic() - began < 0.3
