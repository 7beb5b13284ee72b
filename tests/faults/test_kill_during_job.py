"""kill -9 in the middle of imports that run as jobs: each is done in the end, once, and whole."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from shared.auth.local_issuer import LocalIssuer
from shared.settings import ServiceName
from tests.conftest import Server
from tests.faults.served import start

JOBS, ROWS = 4, 20_000


def csv(number: int) -> bytes:
    """One month's figures of synthetic breakdowns; values tell the jobs apart."""
    lines = [
        f"referrals_monthly,E06000059,2026-{number + 1:02},part={row},{number * ROWS + row}" for row in range(ROWS)
    ]
    return "\n".join(["indicator,area,period,breakdown,value", *lines]).encode()


def ask(url: str, statement: str) -> list[Any]:
    async def run() -> list[Any]:
        connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(run())


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def serves(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", verify=False).status_code == 200
    except httpx.HTTPError:
        return False


def test_jobs_are_neither_lost_nor_done_twice_when_the_service_is_killed(
    server: Server, template: Callable[[ServiceName, bool], str], issuer: LocalIssuer
) -> None:
    url = server.url(asyncio.run(server.clone(template("indicator", True))))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {issuer.token('ledger', ['admin'])}", "Content-Type": "text/csv"}
    process = start(url, issuer, port)
    try:
        wait_for(lambda: serves(address))
        for number in range(JOBS):
            answer = httpx.post(f"{address}/v1/observations/imports?job=true", content=csv(number), headers=headers)
            assert answer.status_code == 202, answer.text
        for pause in (0.0, 0.15, 0.3):
            wait_for(lambda: ask(url, "SELECT 1 FROM job WHERE status = 'running' AND lease_until > now()") != [])
            time.sleep(pause)
            process.kill()
            process.join(10)
            # What the lease's end would do in a minute.
            ask(url, "UPDATE job SET lease_until = now() - interval '1 second' WHERE status = 'running'")
            process = start(url, issuer, port)
        wait_for(lambda: ask(url, "SELECT 1 FROM job WHERE status <> 'succeeded'") == [], 120)
    finally:
        process.kill()
        process.join(10)
    total = JOBS * ROWS
    assert ask(url, "SELECT count(*), sum(value)::bigint FROM observation") == [(total, total * (total - 1) // 2)]
    assert ask(url, "SELECT count(*), sum(created) FROM observation_import") == [(JOBS, total)]
    assert ask(url, "SELECT count(*) FROM observation_history") == [(0,)]
    assert ask(url, "SELECT count(DISTINCT import_id) FROM import_job") == [(JOBS,)]
    assert ask(url, "SELECT max(attempt) > 1 FROM job") == [(True,)]
    assert ask(url, "SELECT count(*) FROM import_body_chunk") == [(0,)]
