"""kill -9 of each writing service in the middle of what is posted to it; the client sends the same key again.

Nothing acknowledged may be missing, nothing be there twice or in part, and the activity log must tell each deed once.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.kinds import AUDITS, FIGURES, VIEWS
from faults.running.ledger import Client, Ledger, in_threads
from faults.running.place import Place, Process, chain_faults, wait_for
from faults.running.program import Dose, Findings, main

FULL = {"kills": 200, "rows": 100_000}
SMALL = {"kills": 3, "rows": 3_000}
_KINDS = (FIGURES, AUDITS, VIEWS)
# A key whose first request died with its process is free at once; one still at work elsewhere is told so.
_ALLOWED = frozenset({200, 201, 409, 503})
_PATIENCE = 180.0


def _kill(process: Process, client: Client, kills: int, dice: random.Random) -> None:
    for _ in range(kills):
        # Only once it serves again, so that each kill falls into work and not into a start.
        before = client.acknowledged
        wait_for(
            lambda before=before: client.acknowledged >= before + 3, _PATIENCE, f"{client.kind.service} stores again"
        )
        time.sleep(dice.uniform(0, 0.1))
        process.end()
        process.start()


def _post_and_kill(process: Process, client: Client, kills: int, rows: int, late: list[str]) -> None:
    stop = threading.Event()
    posting = in_threads(client, 10**9, 2, stop)
    try:
        _kill(process, client, kills, random.Random(client.kind.service))
        # As long as it takes, while it goes on.
        while client.acknowledged * client.kind.rows < rows:
            before = client.acknowledged
            wait_for(lambda before=before: client.acknowledged > before, _PATIENCE, f"{client.kind.service} goes on")
    except TimeoutError as error:
        late.append(str(error))
    stop.set()
    for thread in posting:
        thread.join()


def run(place: Place, dose: Dose) -> Findings:
    found = Findings({"acked": 0, "lost": 0, "double": 0, "rows": 0, "unanswered": 0})
    work, late = [], list[str]()
    for number, kind in enumerate(_KINDS):
        url = place.database(kind.service)
        process = place.serve(kind.service, url).wait_ready()
        client = Client(kind, process.address, place.token(), Ledger(place.keys / f"{kind.service}.ledger"))
        kills = dose["kills"] // 3 + (number < dose["kills"] % 3)
        # The figures come in batches of many rows and carry most of the dose.
        rows = dose["rows"] * 8 // 10 if kind is FIGURES else dose["rows"] // (10 if kind is AUDITS else 100)
        thread = threading.Thread(target=_post_and_kill, args=(process, client, kills, rows, late))
        work.append((kind, url, process, client, thread))
    for *_, thread in work:
        thread.start()
    for kind, url, process, client, thread in work:
        thread.join()
        process.end()
        counts = client.ledger.compare(kind, url, found)
        for name in ("acked", "lost", "double"):
            found.figures[name] += counts[name]
        found.figures["rows"] += counts["acked"] * kind.rows
        found.figures["unanswered"] += client.statuses["no answer"]
        client.must_have_been_told(found, _ALLOWED)
        found.must(chain_faults(kind.service, url) == [], f"{kind.service}: the activity chain is not whole")
    found.must(not late, "; ".join(late))
    return found


if __name__ == "__main__":
    main("kill -9 during ingest", run, FULL, SMALL)
