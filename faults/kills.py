"""kill -9 of each writing service in the middle of what is posted to it; the client sends the same key again.

Nothing acknowledged may be missing, nothing be there twice or in part, and the activity log must tell each deed once.
What a killed service had at hand may hold nobody up: once a new one listens, it acknowledges the same keys.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.kinds import AUDITS, FIGURES, VIEWS
from faults.running.ledger import Client, Kind, Ledger, in_threads
from faults.running.place import Place, Process, chain_faults, wait_for
from faults.running.program import Dose, Findings, main

FULL = {"kills": 200, "rows": 100_000}
SMALL = {"kills": 3, "rows": 3_000}
_KINDS = (FIGURES, AUDITS, VIEWS)
# A key whose first request died with its process is free at once; one still at work elsewhere is told so.
_ALLOWED = frozenset({200, 201, 409, 503})
# How long a busy machine may take for a start, and how long a service that listens for what it left undone.
_START_SECONDS, _BACK_SECONDS = 180.0, 30.0
# A key may be killed in several lives one after another; in the end it is acknowledged, or held for good.
_PATIENCE_SECONDS = 600.0
_THREADS = 2


@dataclass
class Killed:
    """One service with its client, and what each of its lives took."""

    process: Process
    client: Client
    kills: int
    rows: int
    starts: list[float] = field(default_factory=list)
    backs: list[float] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    def run(self) -> None:
        stop = threading.Event()
        posting = in_threads(self.client, 10**9, _THREADS, stop)
        try:
            self._kill_again_and_again()
            while self.client.acknowledged * self.client.kind.rows < self.rows:
                self._acknowledges(1)
        except TimeoutError as error:
            self.late.append(str(error))
        stop.set()
        for thread in posting:
            thread.join()

    def _kill_again_and_again(self) -> None:
        dice = random.Random(self.client.kind.service)
        self._acknowledges(_THREADS)
        for _ in range(self.kills):
            time.sleep(dice.uniform(0, 0.1))
            self.process.end()
            self.process.start()
            name = f"{self.client.kind.service} listens"
            self.starts.append(wait_for(self.process.answers, _START_SECONDS, name))
            # More than can have been under way: so each kill falls into work, and each key that died is known alive.
            self.backs.append(self._acknowledges(2 * _THREADS))

    def _acknowledges(self, more: int) -> float:
        enough = self.client.acknowledged + more
        name = f"{self.client.kind.service} listens and acknowledges"
        return wait_for(lambda: self.client.acknowledged >= enough, _BACK_SECONDS, name)


def _prepared(place: Place, kind: Kind, number: int, dose: Dose) -> Killed:
    process = place.serve(kind.service, place.database(kind.service)).wait_ready()
    ledger = Ledger(place.keys / f"{kind.service}.ledger")
    client = Client(kind, process.address, place.token(), ledger, _PATIENCE_SECONDS)
    kills = dose["kills"] // 3 + (number < dose["kills"] % 3)
    # The figures come in batches of many rows and carry most of the dose.
    rows = dose["rows"] * 9 // 10 if kind is FIGURES else dose["rows"] // (11 if kind is AUDITS else 100)
    return Killed(process, client, kills, rows)


def run(place: Place, dose: Dose) -> Findings:
    found = Findings(
        dict.fromkeys(("kills", "acked", "lost", "double", "rows", "replayed", "in_flight", "unanswered"), 0)
    )
    work = [_prepared(place, kind, number, dose) for number, kind in enumerate(_KINDS)]
    threads = [threading.Thread(target=one.run) for one in work]
    for thread in threads:
        thread.start()
    for one, thread in zip(work, threads, strict=True):
        thread.join()
        one.process.end()
        kind, url = one.client.kind, one.process.url
        counts = one.client.ledger.compare(kind, url, found)
        for name in ("acked", "lost", "double"):
            found.figures[name] += counts[name]
        found.figures["kills"] += len(one.starts)
        found.figures["rows"] += counts["acked"] * kind.rows
        found.figures["replayed"] += one.client.replayed
        found.figures["in_flight"] += one.client.statuses[409]
        found.figures["unanswered"] += one.client.statuses["no answer"]
        one.client.must_have_been_told(found, _ALLOWED)
        found.must(not one.late, "; ".join(one.late))
        found.must(chain_faults(kind.service, url) == [], f"{kind.service}: the activity chain is not whole")
    found.figures["slowest_start_s"] = round(max(took for one in work for took in one.starts), 1)
    found.figures["slowest_back_s"] = round(max(took for one in work for took in one.backs), 2)
    found.must(found.figures["rows"] >= dose["rows"], "fewer rows than the dose")
    return found


if __name__ == "__main__":
    main("kill -9 during ingest", run, FULL, SMALL)
