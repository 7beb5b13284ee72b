"""Calls to a neighbour that works, or works in the end: types, tokens, retries, the breaker."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from shared.breaker import Breaker
from shared.clients.answers import Answer, NeighbourUnavailable
from shared.clients.exchange import retry_after
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours, gather
from shared.clock import FixedClock
from shared.logging import request_context
from tests.shared.little_server import GOOD, NOW, Figures, ask, hang, http, listening, reason_for, says

pytestmark = pytest.mark.anyio


async def test_an_answer_is_typed_and_says_when_it_was_asked_for() -> None:
    talk, heard = says(http(ETag='"7"'))
    async with listening(talk) as url:
        answer = await ask(url, clock=FixedClock(NOW))
    assert answer.data == Figures(rate=65.0)
    assert answer.as_of == NOW
    assert answer.etag == '"7"'
    assert 0 < answer.duration < 1
    assert b"accept-encoding: identity" in heard[0].lower()


async def test_data_that_says_its_own_as_of_is_believed() -> None:
    talk, _ = says(http(b'{"rate": 1.5, "as_of": "2026-11-01T00:00:00+00:00"}'))
    async with listening(talk) as url:
        answer = await ask(url, clock=FixedClock(NOW))
    assert answer.as_of == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "first",
    [
        http(status="503 Service Unavailable"),
        http(GOOD, Content_Length="500"),
        b"",
        http(status="429 Too Many Requests"),
    ],
)
async def test_what_may_pass_is_tried_again(first: bytes) -> None:
    talk, heard = says(first, http())
    async with listening(talk) as url:
        answer = await ask(url, retries=2)
    assert answer.data.rate == 65.0
    assert len(heard) == 2


@pytest.mark.parametrize("first", [http(status="404 Not Found"), http(b"{}"), http(b"nonsense")])
async def test_what_would_only_fail_again_is_not_tried_again(first: bytes) -> None:
    talk, heard = says(first, http())
    await reason_for(talk, retries=2)
    assert len(heard) == 1


async def test_it_gives_up_after_the_retries_it_was_allowed() -> None:
    talk, heard = says(http(status="500 Internal Server Error"))
    assert await reason_for(talk, retries=2) == "http_500"
    assert len(heard) == 3


async def test_a_pause_asked_for_is_kept() -> None:
    talk, heard = says(http(status="429 Too Many Requests", Retry_After="0"), http())
    async with listening(talk) as url:
        await ask(url, retries=1)
    assert len(heard) == 2


async def test_a_pause_beyond_the_deadline_is_not_begun() -> None:
    talk, heard = says(http(status="429 Too Many Requests", Retry_After="3600"), http())
    async with listening(talk) as url:
        with pytest.raises(NeighbourUnavailable) as failure:
            await ask(url, retries=2)
    assert (failure.value.reason, failure.value.retry_after) == ("rate_limited", 3600)
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 3 ", 3),
        ("Mon, 23 Nov 2026 09:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("1e9", None),
        ("9" * 400, None),
        ("٣", None),
        ("Mon, 23 Nov 2026 09:01:00", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date_or_not_at_all(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def token_source(*tokens: str) -> Callable[[], Awaitable[str]]:
    waiting = list(tokens)

    async def give() -> str:
        return waiting.pop(0)

    return give


async def test_the_token_of_the_source_or_of_the_caller_goes_with_the_question() -> None:
    talk, heard = says(http())
    async with (
        listening(talk) as url,
        Neighbours(Neighbour("indicator", base_url=url, token=token_source("own"))) as neighbours,
    ):
        await neighbours["indicator"].get("/v1/figures", None, Figures)
        await neighbours["indicator"].get("/v1/figures", None, Figures, token="the-callers")
    assert b"Authorization: Bearer own\r\n" in heard[0]
    assert b"Authorization: Bearer the-callers\r\n" in heard[1]


async def test_parameters_and_the_request_s_id_go_with_the_question() -> None:
    talk, heard = says(http())
    async with (
        listening(talk) as url,
        Neighbours(Neighbour("indicator", base_url=f"{url}/indicator")) as neighbours,
    ):
        with request_context("request-77", "reporting"):
            await neighbours["indicator"].get("/v1/figures", {"unit": ["a", "b"], "limit": 5, "after": None}, Figures)
    assert heard[0].startswith(b"GET /indicator/v1/figures?unit=a&unit=b&limit=5 HTTP/1.1\r\n")
    assert b"X-Request-ID: request-77\r\n" in heard[0]


async def test_without_a_token_of_our_own_the_neighbour_is_not_asked() -> None:
    async def broken() -> str:
        raise RuntimeError("the issuer is away")

    async def slow() -> str:
        await asyncio.sleep(30)
        return ""

    talk, heard = says(http())
    breaker = Breaker(threshold=1)
    assert await reason_for(talk, token=broken, breaker=breaker) == "no_token"
    assert await reason_for(talk, token=slow, breaker=breaker, deadline=0.1) == "no_token"
    assert heard == []
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "path", ["v1/x", "//evil.example/x", "/a/../b", "/a/..", "/a?b=c", "/a#b", "/a%2fb", "/a b", "/a\n"]
)
async def test_a_path_that_is_not_plain_is_a_mistake_of_the_program(path: str) -> None:
    async with Neighbours(Neighbour("indicator", base_url="http://127.0.0.1:9")) as neighbours:
        with pytest.raises(ValueError, match="plain segments"):
            await neighbours["indicator"].get(path, None, Figures)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with listening(says(http())[0]) as url:
        assert (await ask(url)).data.rate == 65.0


async def test_after_failures_in_a_row_the_neighbour_is_left_in_peace() -> None:
    talk, heard = says(http(status="500 Internal Server Error"))
    outcomes: list[tuple[str, str]] = []
    async with listening(talk) as url:
        neighbour = Neighbour(
            "indicator",
            base_url=url,
            retries=0,
            breaker=Breaker(threshold=2),
            observe=lambda name, outcome, seconds: outcomes.append((name, outcome)),
        )
        for _ in range(4):
            with pytest.raises(NeighbourUnavailable) as failure:
                await neighbour.get("/v1/figures", None, Figures)
        await neighbour.aclose()
    assert len(heard) == 2
    assert failure.value.reason == "open_circuit"
    assert failure.value.retry_after is not None
    assert [outcome for _, outcome in outcomes] == ["http_500", "http_500", "open_circuit", "open_circuit"]


@pytest.mark.parametrize("answer", [http(status="404 Not Found"), http(b"{}"), http(status="429 Too Many Requests")])
async def test_a_neighbour_that_answers_keeps_its_circuit_closed(answer: bytes) -> None:
    breaker = Breaker(threshold=1)
    await reason_for(says(answer)[0], breaker=breaker)
    assert breaker.state == "closed"


async def test_a_caller_that_gives_up_is_no_verdict_on_the_neighbour() -> None:
    breaker = Breaker(threshold=1)
    async with listening(hang) as url:
        task = asyncio.create_task(ask(url, breaker=breaker))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert breaker.state == "closed"


async def test_side_by_side_each_key_has_its_answer_or_its_reason() -> None:
    async with listening(says(http())[0]) as good, listening(hang) as hanging:
        neighbours = Neighbours(
            Neighbour("indicator", base_url=good),
            Neighbour("audit", base_url=hanging, deadline=0.2),
            Neighbour("feedback", base_url=hanging, deadline=0.2),
        )
        began = time.monotonic()
        async with neighbours:
            found = await gather({name: neighbours[name].get("/v1/figures", None, Figures) for name in neighbours})
        assert time.monotonic() - began < 0.35
    answer, failure = found["indicator"], found["audit"]
    assert isinstance(answer, Answer)
    assert isinstance(failure, NeighbourUnavailable)
    assert failure.reason == "timeout"
    assert len(neighbours) == 3


async def test_a_neighbour_has_exactly_one_address() -> None:
    with pytest.raises(ValueError, match="either"):
        Neighbour("indicator")
    with pytest.raises(ValueError, match="either"):
        Neighbour("indicator", base_url="http://127.0.0.1", asgi_app=FastAPI())
