"""kill -9 in the middle of imports: what was acknowledged is stored, nothing is stored twice, no batch is halved."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from shared.auth.local_issuer import LocalIssuer
from shared.settings import ServiceName
from tests.conftest import Server
from tests.faults.served import start

BATCHES, ROWS, KILLS = 24, 250, 4


def batch(number: int) -> dict[str, object]:
    """One month's figures of 250 synthetic breakdowns; numerators tell batches apart."""
    period = f"{2000 + number // 12}-{number % 12 + 1:02}"
    return {
        "items": [
            {
                "indicator": "referrals_monthly",
                "area": "E06000059",
                "period": period,
                "breakdown": f"synthetic={row}",
                "value": number * ROWS + row,
                "source_ref": f"SYN-{number}",
            }
            for row in range(ROWS)
        ]
    }


class Ledger:
    """Posts every batch with its key until it is acknowledged, whatever happens to the server."""

    def __init__(self, address: str, token: str) -> None:
        self._client = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        self.acknowledged: dict[int, dict[str, object]] = {}
        self.statuses: set[int] = set()

    def close(self) -> None:
        self._client.close()

    def post_all(self) -> None:
        for number in range(BATCHES):
            deadline = time.monotonic() + 60
            while number not in self.acknowledged:
                assert time.monotonic() < deadline, f"batch {number} was never acknowledged"
                try:
                    answer = self._client.post(
                        "/v1/observations/imports?mode=atomic",
                        json=batch(number),
                        headers={"Idempotency-Key": f"batch-{number}"},
                    )
                except httpx.HTTPError:
                    time.sleep(0.05)
                    continue
                self.statuses.add(answer.status_code)
                if answer.status_code in (200, 201):
                    self.acknowledged[number] = answer.json()
                else:
                    time.sleep(0.05)


def stored(url: str) -> tuple[int, int, int]:
    import asyncio

    async def ask() -> tuple[int, int, int]:
        connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
        try:
            rows = await connection.fetchrow(
                "SELECT count(*), count(DISTINCT (period, breakdown)), sum(value)::bigint FROM observation "
                "WHERE source_ref LIKE 'SYN-%'"
            )
            return tuple(rows)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_nothing_acknowledged_is_lost_and_nothing_is_stored_twice_when_the_service_is_killed(
    server: Server, template: Callable[[ServiceName, bool], str], issuer: LocalIssuer
) -> None:
    import asyncio

    url = server.url(asyncio.run(server.clone(template("indicator", True))))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ledger = Ledger(f"http://127.0.0.1:{port}", issuer.token("ledger", ["admin"]))
    process = start(url, issuer, port)
    posting = threading.Thread(target=ledger.post_all, daemon=True)
    posting.start()
    kills = 0
    try:
        while posting.is_alive() and kills < KILLS:
            # Only once it serves again, so that each kill falls into work and not into a start.
            before = len(ledger.acknowledged)
            while posting.is_alive() and len(ledger.acknowledged) < before + 2:
                time.sleep(0.01)
            if posting.is_alive():
                process.kill()
                process.join(10)
                kills += 1
                process = start(url, issuer, port)
        posting.join(120)
        assert not posting.is_alive()
    finally:
        process.kill()
        process.join(10)
        ledger.close()
    assert kills == KILLS
    assert len(ledger.acknowledged) == BATCHES
    assert ledger.statuses <= {200, 201, 409, 503}
    total = BATCHES * ROWS
    assert stored(url) == (total, total, total * (total - 1) // 2)
