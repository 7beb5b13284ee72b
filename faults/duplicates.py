"""The same delivery several times at once, as a queue or an impatient client sends it: one effect, one answer.

Each key goes out five times side by side, then once more with the same body and once with another.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.kinds import AUDITS, VIEWS
from faults.running.ledger import Kind, Ledger
from faults.running.place import Place, chain_faults
from faults.running.program import Dose, Findings, main

FULL = {"services": 2, "keys": 10_000, "times": 5}
SMALL = {"services": 1, "keys": 40, "times": 5}
_AT_ONCE = 4


class Deliveries:
    """Sends keys to one service and counts what came back."""

    def __init__(self, kind: Kind, client: httpx.AsyncClient, ledger: Ledger, times: int) -> None:
        self._kind, self._client, self._ledger, self._times = kind, client, ledger, times
        self.answers: Counter[int] = Counter()
        self.wrong: Counter[str] = Counter()

    async def _post(self, key: str, body: bytes) -> httpx.Response:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        answer = await self._client.post(self._kind.path, content=body, headers=headers)
        self.answers[answer.status_code] += 1
        return answer

    async def deliver(self, number: int) -> None:
        told, key = self._kind.body(number), f"{self._kind.service}-{number}"
        body = json.dumps(told).encode()
        self._ledger.sent(key, self._kind.told(told))
        found = await asyncio.gather(*(self._post(key, body) for _ in range(self._times)))
        first = [one for one in found if one.is_success and "idempotency-replayed" not in one.headers]
        replays = [one for one in found if one.is_success and "idempotency-replayed" in one.headers]
        flying = [one for one in found if one.status_code == 409]
        self.wrong["other answers"] += self._times - len(first) - len(replays) - len(flying)
        self.wrong["not done once"] += len(first) != 1
        self.wrong["409 without Retry-After"] += sum("retry-after" not in one.headers for one in flying)
        if first:
            self._ledger.acked(key)
            replays.append(await self._post(key, body))
            self.wrong["replays differ"] += sum(one.content != first[0].content for one in replays)
        other = await self._post(key, json.dumps(self._kind.body(number + 1)).encode())
        self.wrong["another body is not 422"] += other.status_code != 422

    async def deliver_all(self, keys: int) -> None:
        numbers = iter(range(keys))

        async def work() -> None:
            for number in numbers:
                await self.deliver(number)

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))


def run(place: Place, dose: Dose) -> Findings:
    found = Findings({"keys": dose["keys"], "acked": 0, "lost": 0, "double": 0})
    answers: Counter[str] = Counter()
    for kind in (AUDITS, VIEWS)[: dose["services"]]:
        url = place.database(kind.service)
        process = place.serve(kind.service, url).wait_ready()
        ledger = Ledger(place.keys / f"{kind.service}.ledger")

        async def deliver(kind: Kind = kind, address: str = process.address, ledger: Ledger = ledger) -> Deliveries:
            headers = {"Authorization": f"Bearer {place.token()}"}
            async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60, verify=False) as client:
                deliveries = Deliveries(kind, client, ledger, dose["times"])
                await deliveries.deliver_all(dose["keys"] // dose["services"])
                return deliveries

        deliveries = asyncio.run(deliver())
        process.end()
        counts = ledger.compare(kind, url, found)
        for name in ("acked", "lost", "double"):
            found.figures[name] += counts[name]
        answers.update({str(status): count for status, count in deliveries.answers.items()})
        for what, count in deliveries.wrong.items():
            found.must(count == 0, f"{kind.service}: {what}: {count}")
        found.must(chain_faults(kind.service, url) == [], f"{kind.service}: the activity chain is not whole")
    found.figures["answers"] = dict(sorted(answers.items()))
    return found


if __name__ == "__main__":
    main("duplicate delivery", run, FULL, SMALL)
