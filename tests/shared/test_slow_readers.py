"""Who reads a streamed file slowly, or hangs up in the middle of it, keeps no connection of the database to himself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.settings import ServiceName
from tests.conftest import Running, Start

_FILES: list[tuple[ServiceName, str]] = [
    ("indicator", "/v1/exports/figures.csv"),
    ("reporting", "/v1/extracts/published-figures.csv"),
    ("reporting", "/v1/extracts/occurrences.ndjson"),
]


class Reader:
    """A client that takes the head of an answer and a number of its pieces, and then no more until it is let."""

    def __init__(self, running: Running, path: str, takes: int) -> None:
        self.got: list[Any] = []
        self._takes, self._here = takes, asyncio.Event()
        self.stuck, self._gone = asyncio.Event(), asyncio.Event()
        headers = [(b"host", b"x"), (b"authorization", f"Bearer {running.token('admin')}".encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"",
            "headers": headers, "client": ("127.0.0.1", 1), "server": ("x", 80), "state": {},
        }  # fmt: skip
        self.answer = asyncio.create_task(running.app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if len(self.got) > self._takes:
            self.stuck.set()
            await self._here.wait()
        self.got.append(message)

    def go_on(self) -> None:
        self._here.set()

    def hang_up(self) -> None:
        self._gone.set()


@pytest.mark.parametrize(("service", "path"), _FILES)
async def test_a_slow_reader_holds_no_connection_and_has_no_total_time(
    start: Start, service: ServiceName, path: str
) -> None:
    running = await start(service, request_timeout_seconds=0.5)
    reader = Reader(running, path, 1)
    await asyncio.wait_for(reader.stuck.wait(), 20)
    assert running.database.pool_figures()["in_use"] == 0
    await asyncio.sleep(0.7)
    reader.go_on()
    await asyncio.wait_for(reader.answer, 20)
    assert (reader.got[0]["status"], reader.got[-1]["more_body"]) == (200, False)


@pytest.mark.parametrize(("service", "path"), _FILES)
@pytest.mark.parametrize("takes", [0, 1])
async def test_who_hangs_up_frees_everything(start: Start, service: ServiceName, path: str, takes: int) -> None:
    running = await start(service)
    reader = Reader(running, path, takes)
    await asyncio.wait_for(reader.stuck.wait(), 20)
    reader.hang_up()
    await asyncio.wait([reader.answer], timeout=20)
    assert reader.answer.done() and running.database.pool_figures()["in_use"] == 0
