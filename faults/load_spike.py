"""Ten times the usual number of readers and writers for a minute: told to come again, never a 500, and back in 30 s.

Readers send without waiting for each other, as people do; what is counted is how each answer ended.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.kinds import AUDITS
from faults.running.ledger import Ledger
from faults.running.light_client import Answer, LightClient
from faults.running.place import Place, chain_faults
from faults.running.program import Dose, Findings, main

FULL = {"seconds": 60, "reads": 500, "writes": 250}
SMALL = {"seconds": 3, "reads": 500, "writes": 250}
_USUAL = 10
_BACK_SECONDS = 30.0
_PROMISE_SECONDS = 0.4


class Spike:
    """Requests that begin at their time whether or not the ones before them have ended."""

    def __init__(self, client: LightClient, address: str, ledger: Ledger) -> None:
        self._client, self._address, self._ledger = client, address, ledger
        self._numbers = itertools.count()

    async def read(self) -> Answer | None:
        return await self._client.send("GET", f"{self._address}/v1/audits?limit=20")

    async def write(self) -> None:
        number = next(self._numbers)
        key, body = f"audit-{number}", AUDITS.body(number)
        self._ledger.sent(key, AUDITS.told(body))
        answer = await self._client.send("POST", self._address + AUDITS.path, body, key)
        if answer is not None and answer.is_success:
            self._ledger.acked(key)

    async def burst(self, seconds: int, reads: int, writes: int) -> None:
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(seconds * (reads + writes)):
                await asyncio.sleep(max(begun + number / (reads + writes) - time.monotonic(), 0))
                group.create_task(self.write() if number % (reads + writes) < writes else self.read())

    async def recover(self) -> float:
        """How long until twenty readings in a row are answered within the promise."""
        begun, good = time.monotonic(), 0
        while good < 20 and time.monotonic() - begun < 2 * _BACK_SECONDS:
            asked = time.monotonic()
            answer = await self.read()
            kept = answer is not None and answer.status == 200 and time.monotonic() - asked < _PROMISE_SECONDS
            good = good + 1 if kept else 0
            await asyncio.sleep(1 / _USUAL)
        return time.monotonic() - begun - 20 / _USUAL


async def _all(address: str, token: str, ledger: Ledger, dose: Dose) -> tuple[LightClient, float]:
    async with LightClient(token, most=1_000) as client:
        spike = Spike(client, address, ledger)
        await spike.burst(dose["seconds"], dose["reads"], dose["writes"])
        return client, await spike.recover()


def run(place: Place, dose: Dose) -> Findings:
    url = place.database("audit")
    process = place.serve("audit", url).wait_ready()
    ledger = Ledger(place.keys / "spike.ledger", durable=False)
    client, back = asyncio.run(_all(process.address, place.token(), ledger, dose))
    uncaught = process.uncaught()
    process.end()
    found = Findings()
    sent, acked = ledger.read()
    stored = [key for key, _ in AUDITS.stored(url)]
    answers = {str(status): count for status, count in sorted(client.answers.items(), key=str)}
    found.figures = {
        "sent": client.answers.total(), "acked": len(acked), "lost": len(acked - set(stored)),
        "double": len(stored) - len(set(stored)), "answers": answers, "back_s": round(back, 1),
    }  # fmt: skip
    found.must(not acked - set(stored), "something acknowledged is lost")
    found.must(len(stored) == len(set(stored)) and set(stored) <= sent.keys(), "something is there twice")
    found.must(set(client.answers) <= {200, 201, 429, 503}, f"a spike was answered {answers}")
    found.must(client.untold == 0, f"{client.untold} were not told when to come again")
    found.must(back <= _BACK_SECONDS, "it took longer than 30 s to recover")
    found.must(uncaught == 0, f"{uncaught} uncaught exceptions")
    found.must(chain_faults("audit", url) == [], "the activity chain is not whole")
    return found


if __name__ == "__main__":
    main("load spike", run, FULL, SMALL)
