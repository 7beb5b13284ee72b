"""PostgreSQL stops at once and comes back, connections are cut, the pool is exhausted: while clients read and write.

Nobody may see anything but an answer or a 503 with Retry-After, the services are back within 10 s by themselves, and in
the end no connection is left in use.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import asyncpg
import httpx
from sqlalchemy.engine import make_url

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.kinds import AUDITS, FIGURES, VIEWS
from faults.running.ledger import Client, Ledger, in_threads
from faults.running.place import Place, Process, ask, chain_faults, wait_for
from faults.running.program import Dose, Findings, main

FULL = {"services": 3, "restarts": 20, "terminated": 500, "crowds": 10}
SMALL = {"services": 1, "restarts": 1, "terminated": 10, "crowds": 1}
_KINDS = (AUDITS, FIGURES, VIEWS)
_ALLOWED = frozenset({200, 201, 409, 503})
_LISTS = {"indicator": "/v1/observations?limit=5", "audit": "/v1/audits?limit=5", "feedback": "/v1/views?limit=5"}
_CROWD = 150
_BACK_SECONDS = 10.0


class Reader(threading.Thread):
    """Reads a list again and again, as somebody's dashboard does."""

    def __init__(self, address: str, path: str, token: str) -> None:
        super().__init__(daemon=True)
        self._address, self._path, self._token = address, path, token
        self.statuses: Counter[int] = Counter()
        self.untold = 0
        self.stop = threading.Event()

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        with httpx.Client(base_url=self._address, headers=headers, timeout=60, verify=False) as client:
            while not self.stop.is_set():
                answer = client.get(self._path)
                self.statuses[answer.status_code] += 1
                self.untold += answer.status_code == 503 and not answer.headers.get("retry-after", "").isdigit()
                time.sleep(0.02)


def _restart(place: Place) -> None:
    """SIGQUIT: no one is let finish, nothing is written out, and the next start recovers from the log."""
    assert place.server is not None
    pid = place.server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    place.server.stop()
    place.server.start()


def _acknowledge_anew(clients: list[Client]) -> float:
    """How long until every service has stored something again."""
    before = [client.acknowledged for client in clients]
    return wait_for(
        lambda: all(client.acknowledged > old for client, old in zip(clients, before, strict=True)), 60, "writes again"
    )


def _terminate(place: Place, urls: Iterable[str], count: int, dice: random.Random) -> int:
    """End that many connections of the services, spread over a minute for the full dose."""
    ended, theirs = 0, [make_url(url).database for url in urls]
    for _ in range(count):
        ended += len(
            ask(
                place.admin,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY($1) "
                "AND application_name LIKE 'qapf-%' ORDER BY random() LIMIT 1",
                theirs,
            )
        )
        time.sleep(dice.uniform(0, 0.2))
    return ended


def _crowd(process: Process, path: str, token: str, answers: Counter[int]) -> int:
    """Many at once at a service whose connections somebody else's lock keeps busy; how many were not told to wait."""
    untold = 0

    def once() -> None:
        nonlocal untold
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{process.address}{path}", headers=headers, timeout=60, verify=False)
        answers[answer.status_code] += 1
        untold += answer.status_code == 503 and not answer.headers.get("retry-after", "").isdigit()

    crowd = [threading.Thread(target=once) for _ in range(_CROWD)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    return untold


def _exhaust(place: Place, process: Process, url: str, crowds: int, found: Findings) -> None:
    """The table behind a list is locked for longer than the pool's patience while a crowd asks for it."""
    answers: Counter[int] = Counter()

    async def locked() -> int:
        connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE audit IN ACCESS EXCLUSIVE MODE")
                return await asyncio.to_thread(_crowd, process, _LISTS["audit"], place.token(), answers)
        finally:
            await connection.close()

    untold = sum(asyncio.run(locked()) for _ in range(crowds))
    found.figures["crowd"] = {str(status): count for status, count in sorted(answers.items())}
    found.must(set(answers) <= {200, 503} and answers[503] > 0, f"a crowd was answered {dict(answers)}")
    found.must(untold == 0, f"{untold} of a crowd were not told when to come again")
    again = httpx.get(
        f"{process.address}{_LISTS['audit']}", headers={"Authorization": f"Bearer {place.token()}"}, verify=False
    )
    found.must(again.status_code == 200, "the lock is gone and the list is not back")


def run(place: Place, dose: Dose) -> Findings:
    found, dice = Findings(), random.Random(7)
    kinds = _KINDS[: dose["services"]]
    urls = {kind.service: place.database(kind.service) for kind in kinds}
    processes = {service: place.serve(service, url) for service, url in urls.items()}
    for process in processes.values():
        process.wait_ready()
    clients = [
        Client(kind, processes[kind.service].address, place.token(), Ledger(place.keys / f"{kind.service}.ledger"))
        for kind in kinds
    ]
    readers = [Reader(processes[name].address, _LISTS[name], place.token()) for name in urls]
    stop = threading.Event()
    posting = list(itertools.chain.from_iterable(in_threads(client, 10**9, 2, stop) for client in clients))
    for reader in readers:
        reader.start()
    back = []
    for _ in range(dose["restarts"] if place.server is not None else 0):
        _restart(place)
        back.append(round(_acknowledge_anew(clients), 2))
    ended = _terminate(place, urls.values(), dose["terminated"], dice)
    back_last = round(_acknowledge_anew(clients), 2)
    stop.set()
    for reader in readers:
        reader.stop.set()
    for thread in (*posting, *readers):
        thread.join(120)
    if dose["crowds"]:
        _exhaust(place, processes["audit"], urls["audit"], dose["crowds"], found)
    found.figures = {"restarts": len(back), "terminated": ended, **found.figures, "back_s": max([*back, back_last])}
    found.must(max([*back, back_last]) <= _BACK_SECONDS, "it took longer than 10 s to come back")
    _look(urls, processes, clients, readers, found)
    return found


def _look(
    urls: dict[str, str], processes: dict[str, Process], clients: list[Client], readers: list[Reader], found: Findings
) -> None:
    statuses: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for client in clients:
        kind = client.kind
        client.must_have_been_told(found, _ALLOWED)
        statuses.update({str(status): count for status, count in client.statuses.items()})
        for name in ("qapf_database_connections{", "qapf_database_readers", "qapf_database_writers"):
            found.must(_in_use(processes[kind.service], name) == 0, f"{kind.service}: {name} still in use")
        processes[kind.service].end()
        counts = client.ledger.compare(kind, urls[kind.service], found)
        totals.update({name: counts[name] for name in ("acked", "lost", "double")})
        found.must(chain_faults(kind.service, urls[kind.service]) == [], f"{kind.service}: the chain is not whole")
    for reader in readers:
        statuses.update({str(status): count for status, count in reader.statuses.items()})
        found.must(set(reader.statuses) <= {200, 503}, f"a reader was answered {dict(reader.statuses)}")
        found.must(reader.untold == 0, "a reader was not told when to come again")
    found.figures |= dict(totals) | {"answers": dict(sorted(statuses.items()))}


def _in_use(process: Process, name: str) -> float:
    lines = [line for line in process.get("/metrics").text.splitlines() if line.startswith(name)]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if "{" not in line or 'state="in_use"' in line)


if __name__ == "__main__":
    main("PostgreSQL restarts, connections cut, pool exhausted", run, FULL, SMALL)
