"""A client that writes down what it sends before it sends it, and what was acknowledged after, each time for good."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from faults.running.place import ask
from faults.running.program import Findings
from shared.settings import ServiceName


def digest(content: Any) -> str:
    """The hash of content, however its keys stand."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=float).encode()).hexdigest()


@dataclass(frozen=True)
class Kind:
    """What is posted to one service, and how what was stored is read back as it was sent."""

    service: ServiceName
    path: str
    body: Callable[[int], dict[str, Any]]
    # What of a body must stand in the database, and all that stands there, by key.
    told: Callable[[dict[str, Any]], Any]
    stored: Callable[[str], Iterator[tuple[str, Any]]]
    deeds: str
    rows: int


class Ledger:
    """The fsynced file: a line `sent key hash` before each send, `acked key` after each 2xx.

    `durable=False` is for hundreds a second: a client that does not die need not wait for its disk.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._path, self._durable = path, durable
        self._writing = threading.Lock()

    def _write(self, line: str) -> None:
        with self._writing, self._path.open("a", encoding="ascii") as file:
            file.write(line + "\n")
            file.flush()
            if self._durable:
                os.fsync(file.fileno())

    def sent(self, key: str, content: Any) -> None:
        self._write(f"sent {key} {digest(content)}")

    def acked(self, key: str) -> None:
        self._write(f"acked {key}")

    def read(self) -> tuple[dict[str, str], set[str]]:
        """The hash of everything sent by key, and the keys that were acknowledged: from the file alone."""
        sent, acked = {}, set()
        for line in self._path.read_text(encoding="ascii").splitlines():
            word, key, *rest = line.split(" ")
            if word == "sent":
                sent[key] = rest[0]
            else:
                acked.add(key)
        return sent, acked

    def compare(self, kind: Kind, url: str, found: Findings) -> dict[str, int]:
        """What the ledger says against what the database holds: both must tell the same."""
        sent, acked = self.read()
        stored = list(kind.stored(url))
        hashes = {key: digest(content) for key, content in stored}
        counts = {
            "sent": len(sent), "acked": len(acked), "stored": len(stored),
            "lost": len(acked - hashes.keys()), "double": len(stored) - len(hashes),
            "altered": sum(sent.get(key) != hash_ for key, hash_ in hashes.items()),
            "unacked": len(sent.keys() - acked),
        }  # fmt: skip
        for what in ("lost", "double", "altered", "unacked"):
            found.must(counts[what] == 0, f"{kind.service}: {counts[what]} {what}")
        ((deeds,),) = ask(url, kind.deeds)
        found.must(deeds == len(hashes), f"{kind.service}: {deeds} deeds in the activity log for {len(hashes)} stored")
        return counts


_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5


class Client:
    """Posts numbers one after another, each under its own key until it is acknowledged, whatever happens meanwhile."""

    def __init__(self, kind: Kind, address: str, token: str, ledger: Ledger, patience: float = 120) -> None:
        self.kind, self.ledger, self._patience = kind, ledger, patience
        self._address, self._token = address, token
        self.statuses: Counter[int | str] = Counter()
        self.untold = 0
        self.replayed = 0
        self.acknowledged = 0
        self.slowest = 0.0
        self.never: list[str] = []
        self._counting = threading.Lock()

    def post_all(self, numbers: Iterator[int], stop: threading.Event | None = None) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        with httpx.Client(base_url=self._address, headers=headers, timeout=30, verify=False) as client:
            for number in numbers:
                if stop is not None and stop.is_set():
                    return
                body = self.kind.body(number)
                key = f"{self.kind.service}-{number}"
                self.ledger.sent(key, self.kind.told(body))
                if not self._until_acknowledged(client, key, json.dumps(body).encode()):
                    self.never.append(key)
                    return
                self.ledger.acked(key)
                with self._counting:
                    self.acknowledged += 1

    def _until_acknowledged(self, client: httpx.Client, key: str, body: bytes) -> bool:
        began, pause = time.monotonic(), _FIRST_PAUSE
        while not self._once(client, key, body):
            if time.monotonic() - began > self._patience:
                return False
            # A service that starts needs the processor more than its clients do.
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        self.slowest = max(self.slowest, time.monotonic() - began)
        return True

    def _once(self, client: httpx.Client, key: str, body: bytes) -> bool:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        try:
            answer = client.post(self.kind.path, content=body, headers=headers)
        except httpx.HTTPError:
            with self._counting:
                self.statuses["no answer"] += 1
            return False
        with self._counting:
            self.statuses[answer.status_code] += 1
            waits = answer.status_code in (429, 503, 507)
            self.replayed += "idempotency-replayed" in answer.headers
            self.untold += waits and not answer.headers.get("retry-after", "").isdigit()
        return answer.is_success

    def must_have_been_told(self, found: Findings, allowed: frozenset[int]) -> None:
        """Every answer is one a client knows what to do with, and sooner or later it was the good one."""
        other = {str(one): n for one, n in self.statuses.items() if one != "no answer" and one not in allowed}
        found.must(not other, f"{self.kind.service} answered {other}")
        found.must(self.untold == 0, f"{self.kind.service}: {self.untold} answers without Retry-After")
        found.must(not self.never, f"never acknowledged: {', '.join(self.never)}")


def in_threads(client: Client, count: int, threads: int, stop: threading.Event | None = None) -> list[threading.Thread]:
    """Several threads that share the numbers below `count` among them, started."""
    numbers, turn = itertools.count(), threading.Lock()

    def shared() -> Iterator[int]:
        while True:
            with turn:
                number = next(numbers)
            if number >= count:
                return
            yield number

    made = [threading.Thread(target=client.post_all, args=(shared(), stop), daemon=True) for _ in range(threads)]
    for thread in made:
        thread.start()
    return made
