"""Calls to a neighbour that fails in each of the ways a network and a program can."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from shared.clients.answers import NeighbourUnavailable
from shared.clients.exchange import parse
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from shared.schemas.base import Number, OutModel
from tests.shared.certificates import ANOTHERS, Authority
from tests.shared.little_server import GOOD, Figures, ask, hang, http, listening, reason_for, says

pytestmark = pytest.mark.anyio


async def test_a_neighbour_that_is_not_there_is_refused() -> None:
    async with listening(says(http())[0]) as url:
        pass
    with pytest.raises(NeighbourUnavailable) as failure:
        await ask(url, retries=1)
    assert failure.value.reason == "refused"


async def test_a_neighbour_that_hangs_times_out() -> None:
    assert await reason_for(hang, deadline=0.2) == "timeout"


async def test_a_neighbour_that_drips_times_out_however_often_it_drips() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    talk, _ = says(http(b"", Content_Length="1000"), then=drip)
    assert await reason_for(talk, deadline=0.3) == "timeout"


async def test_a_connection_closed_without_a_word_is_disconnected() -> None:
    assert await reason_for(says(b"")[0]) == "disconnected"


async def test_a_neighbour_that_speaks_no_http_is_disconnected() -> None:
    assert await reason_for(says(b"220 mail.example ESMTP\r\n")[0]) == "disconnected"


@pytest.mark.parametrize("head", [{"Content_Length": "500"}, {"Transfer_Encoding": "chunked", "Content_Length": "0"}])
async def test_a_body_cut_short_is_never_taken_for_a_whole_one(head: dict[str, str]) -> None:
    if "Transfer_Encoding" in head:
        cut = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" + GOOD
    else:
        cut = http(GOOD, **head)
    assert await reason_for(says(cut)[0]) == "cut_body"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("500 Internal Server Error", "http_500"),
        ("502 Bad Gateway", "http_502"),
        ("503 Service Unavailable", "http_503"),
        ("504 Gateway Timeout", "http_504"),
        ("507 Insufficient Storage", "http_5xx"),
        ("401 Unauthorized", "unauthorised"),
        ("403 Forbidden", "forbidden"),
        ("404 Not Found", "not_found"),
        ("422 Unprocessable Content", "http_4xx"),
        ("429 Too Many Requests", "rate_limited"),
        ("206 Partial Content", "unexpected_status"),
        ("204 No Content", "unexpected_status"),
    ],
)
async def test_every_other_status_has_its_reason(status: str, reason: str) -> None:
    assert await reason_for(says(http(status=status))[0]) == reason


async def test_a_redirect_is_not_followed_so_a_loop_ends_at_once() -> None:
    talk, heard = says(http(status="307 Temporary Redirect", Location="/v1/figures"))
    assert await reason_for(talk, retries=2) == "redirected"
    assert len(heard) == 1


async def test_a_body_beyond_the_bound_is_left_unread() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            writer.write(b" " * 65_536)
            sent += 65_536
            await writer.drain()

    talk, _ = says(http(b"", Content_Length="1000000000"), then=pour)
    assert await reason_for(talk, max_body=100_000) == "body_too_large"
    assert sent < 50_000_000


async def test_a_gzip_bomb_is_refused_without_unpacking_it() -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    assert await reason_for(says(http(bomb, Content_Encoding="gzip"))[0]) == "encoded_body"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>The service is being restarted</html>",
        b'{"rate": 1.0',
        b'{"rate": 1.0} {}',
        b'{"rate": NaN}',
        b'{"rate": -Infinity}',
        b'{"rate": 1e400}',
        b'{"rate": 1.0, "rate": 2.0}',
        b'{"rate": "\\ud800"}',
        b'{"rate": "\xff"}',
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        b"[" * 1_000 + b"]" * 1_000,
        b"9" * 10_000,
    ],
)
async def test_a_body_that_is_not_strict_json_is_refused(body: bytes) -> None:
    assert await reason_for(says(http(body))[0]) == "not_json"


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        None,
        {"rate": "65"},
        {"rate": "NaN"},
        {"rate": True},
        {"rate": None},
        {"rate": 1.0, "more": 2},
        {"rate": 1.0, "as_of": "2026-11-01T00:00"},
        {"rate": 1.0, "as_of": 1_767_225_600},
    ],
)
async def test_json_of_another_shape_is_the_wrong_schema(content: Any) -> None:
    assert await reason_for(says(http(json.dumps(content).encode()))[0]) == "wrong_schema"


async def test_no_cookie_of_one_caller_goes_along_with_another_s_question() -> None:
    talk, heard = says(http(Set_Cookie="session=one; Path=/"))
    async with listening(talk) as url, Neighbours(Neighbour("indicator", base_url=url)) as neighbours:
        for caller in ("one", "other"):
            await neighbours["indicator"].get("/v1/figures", None, Figures, token=caller)
    assert b"authorization: bearer other" in heard[1].lower()
    assert b"cookie:" not in heard[1].lower()


async def test_what_the_neighbour_sent_is_in_no_exception() -> None:
    async with listening(says(http(b'{"rate": "canary-9434765919"}'))[0]) as url:
        with pytest.raises(NeighbourUnavailable) as failure:
            await ask(url)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    assert str(failure.value) == "indicator: wrong_schema"


async def secret() -> str:
    return "secret"


@pytest.mark.parametrize("wrong", ["nobody vouches for it", "expired", "not yet good", "another's"])
async def test_a_certificate_that_does_not_hold_is_a_tls_failure_and_nothing_is_asked(
    tmp_path: Path, wrong: str
) -> None:
    authority = Authority(tmp_path)
    server = {
        "expired": authority.server(from_day=-3, to_day=-1),
        "not yet good": authority.server(from_day=1, to_day=2),
        "another's": authority.server(ANOTHERS),
    }.get(wrong) or authority.server()
    talk, heard = says(http())
    trusted = None if wrong == "nobody vouches for it" else authority.trusted()
    async with listening(talk, server) as url:
        with pytest.raises(NeighbourUnavailable) as failure:
            await ask(url, token=secret, retries=2, tls=trusted)
    assert failure.value.reason == "tls"
    assert heard == [], "the token least of all"


async def test_a_certificate_that_holds_is_answered(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with listening(says(http())[0], authority.server()) as url:
        assert (await ask(url, tls=authority.trusted())).data.rate == 65


async def test_a_neighbour_that_speaks_tls_only_is_not_heard_in_plain_words(tmp_path: Path) -> None:
    talk, heard = says(http())
    async with listening(talk, Authority(tmp_path).server()) as url:
        with pytest.raises(NeighbourUnavailable) as failure:
            await ask(url.replace("https:", "http:"), token=secret)
    assert failure.value.reason == "disconnected"
    assert heard == []


async def test_tls_to_a_neighbour_without_it_is_a_tls_failure() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http())
        await reader.read()

    async with listening(plain) as url:
        with pytest.raises(NeighbourUnavailable) as failure:
            await ask(url.replace("http:", "https:"))
    assert failure.value.reason == "tls"


async def test_a_tls_handshake_that_hangs_times_out() -> None:
    async with listening(hang) as url:
        with pytest.raises(NeighbourUnavailable) as failure:
            await ask(url.replace("http:", "https:"), deadline=0.3)
    assert failure.value.reason == "timeout"


class Measured(OutModel):
    figure: Number


@pytest.mark.parametrize("written", [b"12", b"12.0", b"1.2e1"])
def test_a_number_is_one_however_it_is_written(written: bytes) -> None:
    assert parse("audit", b'{"figure": %s}' % written, Measured).figure == 12
