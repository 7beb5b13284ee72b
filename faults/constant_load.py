"""The design size under a constant load: 50 readings and 25 keyed posts a second for ten minutes, each at its time.

Three of four readings are lists and single records, the fourth is counted: a series, a year's summary, an analysis. A
request's time counts from when it was due, so that one which waits for another is not overlooked.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running import design_size
from faults.running.growth import Growth, at_rest
from faults.running.kinds import AUDITS, VIEWS
from faults.running.ledger import Kind, Ledger
from faults.running.light_client import Answer, LightClient
from faults.running.place import Place, ask, chain_faults
from faults.running.program import Dose, Findings, main
from shared.settings import ServiceName

FULL = {"seconds": 600, "reads": 50, "writes": 25, **design_size.FULL}
SMALL = {"seconds": 10, "reads": 50, "writes": 25, **design_size.SMALL}
READ_MS, WRITE_MS = 300, 400
_SAMPLES = 120
_KINDS = (AUDITS, VIEWS)
_LISTS: dict[ServiceName, list[str]] = {
    "audit": ["/v1/audits?limit=20", "/v1/audits/{audit}", "/v1/overdue"],
    "indicator": ["/v1/observations?limit=50", "/v1/observations?period=2015-05&limit=50"],
    "feedback": ["/v1/views?limit=20", "/v1/views/{view}"],
    "reporting": ["/v1/occurrences?limit=20", "/v1/reports?limit=20"],
}
_COUNTED: dict[ServiceName, list[str]] = {
    "audit": ["/v1/analysis?period=CY2026"],
    "indicator": ["/v1/indicators/supervision_in_time/series?area={team}"],
    "feedback": ["/v1/summary?period=FY2025-26"],
}


class Traffic:
    """Readings and posts at a constant pace, whether or not the ones before have ended."""

    def __init__(self, client: LightClient, addresses: dict[ServiceName, str], ledgers: dict[str, Ledger]) -> None:
        self._client, self._addresses, self._ledgers = client, addresses, ledgers
        self.read_ms: list[float] = []
        self.write_ms: list[float] = []
        self.by_path: dict[str, list[float]] = {}
        self.refused: list[str] = []
        self._begun = 0.0

    async def flow(self, seconds: int, reads: int, writes: int, paths: Iterator[tuple[str, str]]) -> None:
        a_second, numbers = reads + writes, itertools.count()
        begun = self._begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(seconds * a_second):
                due = begun + number / a_second
                await asyncio.sleep(max(due - time.monotonic(), 0))
                # Spread evenly: of three in a row one writes, where there are half as many writes as reads.
                writes_now = number * writes // a_second != (number + 1) * writes // a_second
                group.create_task(self._write(next(numbers), due) if writes_now else self._read(*next(paths), due))

    async def _read(self, name: str, url: str, due: float) -> None:
        answer = await self._client.send("GET", url)
        if answer is not None and answer.is_success:
            took = 1000 * (time.monotonic() - due)
            self.read_ms.append(took)
            self.by_path.setdefault(name, []).append(took)
        else:
            self._tell(name, answer)

    async def _write(self, number: int, due: float) -> None:
        kind = _KINDS[number % len(_KINDS)]
        key, body, ledger = f"{kind.service}-{number}", kind.body(number), self._ledgers[kind.service]
        ledger.sent(key, kind.told(body))
        answer = await self._client.send("POST", self._addresses[kind.service] + kind.path, body, key)
        if answer is not None and answer.is_success:
            self.write_ms.append(1000 * (time.monotonic() - due))
            ledger.acked(key)
        else:
            self._tell(f"{kind.service} {kind.path}", answer)

    def _tell(self, name: str, answer: Answer | None) -> None:
        told = "no answer" if answer is None else str(answer.status)
        self.refused.append(f"{name}: {told} in second {time.monotonic() - self._begun:.0f}")


def _known(urls: dict[ServiceName, str]) -> dict[str, Iterator[tuple[Any, ...]]]:
    """What paths ask for by name, in turns: so many that hardly one is asked for again soon."""
    statements: dict[str, tuple[ServiceName, str]] = {
        "audit": ("audit", "SELECT id::text FROM audit ORDER BY md5(id::text) LIMIT 5000"),
        "view": ("feedback", "SELECT id::text FROM view LIMIT 5000"),
        "team": ("indicator", "SELECT code FROM org_unit WHERE kind = 'team' ORDER BY code LIMIT 20"),
    }
    return {name: itertools.cycle(ask(urls[service], sql)) for name, (service, sql) in statements.items()}


def _paths(known: dict[str, Iterator[tuple[Any, ...]]], addresses: dict[ServiceName, str]) -> Iterator[tuple[str, str]]:
    """What is read, and under which name it is told: three lists or records, then something that is counted."""

    def turn(paths: dict[ServiceName, list[str]]) -> Iterator[tuple[str, str]]:
        for place in itertools.count():
            for service, theirs in paths.items():
                path = theirs[place % len(theirs)]
                filled = path.format_map({name: next(ids)[0] for name, ids in known.items() if f"{{{name}}}" in path})
                yield f"{service} {path}", addresses[service] + filled

    lists, counted = turn(_LISTS), turn(_COUNTED)
    for number in itertools.count():
        yield next(counted if number % 4 == 3 else lists)


async def _flow(
    place: Place, addresses: dict[ServiceName, str], paths: Iterator[tuple[str, str]], dose: Dose
) -> tuple[Traffic, Counter[int | str]]:
    ledgers = {kind.service: Ledger(_ledger(place, kind), durable=False) for kind in _KINDS}
    async with LightClient(place.token(), most=500) as client:
        traffic = Traffic(client, addresses, ledgers)
        # Once, so that nobody's first plan counts.
        for _, url in itertools.islice(paths, 40):
            await client.send("GET", url)
        await traffic.flow(dose["seconds"], dose["reads"], dose["writes"], paths)
        return traffic, client.answers


def _ledger(place: Place, kind: Kind) -> Path:
    return place.keys / f"{kind.service}.ledger"


def p95(times: list[float]) -> float:
    return round(quantiles(times, n=20)[-1], 1)


def _stored_once(kind: Kind, ledger: Ledger, url: str, found: Findings) -> None:
    sent, acked = ledger.read()
    stored = [key for key, _ in kind.stored(url)]
    found.figures["acked"] += len(acked)
    found.figures["lost"] += len(acked - set(stored))
    found.figures["double"] += len(stored) - len(set(stored))
    kept = acked <= set(stored) <= sent.keys() and len(stored) == len(set(stored))
    found.must(kept, f"{kind.service}: what was acknowledged is not stored once")
    found.must(chain_faults(kind.service, url) == [], f"{kind.service}: the activity chain is not whole")


def run(place: Place, dose: Dose) -> Findings:
    found = Findings({"acked": 0, "lost": 0, "double": 0})
    begun = time.monotonic()
    urls = design_size.load(place, dose)
    found.figures["loaded_s"] = round(time.monotonic() - begun)
    served = {service: place.serve(service, url) for service, url in urls.items()}
    for process in served.values():
        process.wait_ready()
    found.figures["at_rest_before"] = at_rest(list(served.values()))
    addresses = {service: process.address for service, process in served.items()}
    paths = _paths(_known(urls), addresses)
    growth = Growth(place, list(served.values()), dose["seconds"] / _SAMPLES)
    growth.start()
    traffic, counted = asyncio.run(_flow(place, addresses, paths, dose))
    growth.stop.set()
    growth.join()
    for process in served.values():
        found.must(process.uncaught() == 0, f"{process.service}: {process.uncaught()} uncaught exceptions")
        process.end()
    for kind in _KINDS:
        _stored_once(kind, Ledger(_ledger(place, kind)), urls[kind.service], found)
    answers = {str(status): count for status, count in sorted(counted.items(), key=str)}
    read, written = p95(traffic.read_ms), p95(traffic.write_ms)
    found.figures |= {
        "requests": counted.total(), "answers": answers, "reads_p95_ms": read, "writes_p95_ms": written,
        "p95_ms": {name: p95(times) for name, times in sorted(traffic.by_path.items())},
        "refused": traffic.refused[:50], **growth.told(),
    }  # fmt: skip
    found.must(set(counted) <= {200, 201}, f"requests were answered {answers}")
    found.must(read <= READ_MS, f"readings took {read} ms")
    found.must(written <= WRITE_MS, f"posts took {written} ms")
    return found


if __name__ == "__main__":
    main("constant load on the design size", run, FULL, SMALL)
