"""Two replicas behind a gateway are restarted by SIGTERM, one after the other, at 50 requests a second: none fails.

Half of the requests read and half write; none is sent a second time by its client.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.gateway import gateway
from faults.running.kinds import AUDITS
from faults.running.ledger import Ledger
from faults.running.place import Place, Process, chain_faults
from faults.running.program import Dose, Findings, main

FULL = {"restarts": 20, "a_second": 50}
SMALL = {"restarts": 2, "a_second": 20}


class Traffic(threading.Thread):
    """Requests at a constant pace, each at its time whether or not the ones before have ended."""

    def __init__(self, address: str, token: str, ledger: Ledger, a_second: int) -> None:
        super().__init__()
        self._address, self._token, self._ledger, self._pace = address, token, ledger, 1 / a_second
        self.answers: Counter[int | str] = Counter()
        self.stop = threading.Event()

    def run(self) -> None:
        asyncio.run(self._flow())

    async def _flow(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        limits = httpx.Limits(max_connections=500)
        async with (
            httpx.AsyncClient(
                base_url=self._address, headers=headers, timeout=60, limits=limits, verify=False
            ) as client,
            asyncio.TaskGroup() as group,
        ):
            number, begun = 0, time.monotonic()
            while not self.stop.is_set():
                await asyncio.sleep(max(begun + number * self._pace - time.monotonic(), 0))
                group.create_task(self._write(client, number) if number % 2 else self._read(client))
                number += 1

    async def _read(self, client: httpx.AsyncClient) -> None:
        await self._count(client.get("/v1/audits?limit=5"))

    async def _write(self, client: httpx.AsyncClient, number: int) -> None:
        key, body = f"audit-{number}", AUDITS.body(number)
        self._ledger.sent(key, AUDITS.told(body))
        if await self._count(client.post(AUDITS.path, json=body, headers={"Idempotency-Key": key})):
            self._ledger.acked(key)

    async def _count(self, asking: object) -> bool:
        try:
            answer = await asking  # type: ignore[misc]
        except httpx.HTTPError as error:
            self.answers[type(error).__name__] += 1
            return False
        self.answers[answer.status_code] += 1
        return bool(answer.is_success)


def _restart(process: Process) -> bool:
    """End in order and start anew; whether it ended by itself and in time."""
    running = process.running
    assert running is not None
    process.end(signal.SIGTERM, 40)
    process.start()
    process.wait_ready()
    # uvicorn ends by the signal it was sent once everything is put away.
    return running.returncode in (0, -signal.SIGTERM)


def run(place: Place, dose: Dose) -> Findings:
    url = place.database("audit")
    replicas = [place.serve("audit", url) for _ in range(2)]
    for replica in replicas:
        replica.wait_ready()
    found, ledger = Findings(), Ledger(place.keys / "rolling.ledger")
    with gateway([replica.port for replica in replicas]) as (address, gave_up):
        traffic = Traffic(address, place.token(), ledger, dose["a_second"])
        traffic.start()
        for number in range(dose["restarts"]):
            time.sleep(0.5)
            found.must(_restart(replicas[number % 2]), "a replica did not end in order")
        traffic.stop.set()
        traffic.join()
    for replica in replicas:
        found.must(replica.uncaught() == 0, f"{replica.uncaught()} uncaught exceptions")
        replica.end()
    answers = {str(status): count for status, count in sorted(traffic.answers.items(), key=str)}
    failed = sum(count for status, count in traffic.answers.items() if status not in (200, 201))
    counts = ledger.compare(AUDITS, url, found)
    found.figures = {"requests": traffic.answers.total(), "failed": failed, **counts, "answers": answers}
    found.figures["gateway_gave_up"] = dict(gave_up)
    found.must(failed == 0, f"{failed} requests failed")
    found.must(chain_faults("audit", url) == [], "the activity chain is not whole")
    return found


if __name__ == "__main__":
    main("rolling restarts of two replicas", run, FULL, SMALL)
