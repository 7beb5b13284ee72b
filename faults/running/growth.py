"""What processes hold while they are at work: memory, descriptors, connections; and whether it grows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression, mean
from typing import Any

from benchmarks.running.servers import cpu_seconds
from faults.running.place import Place, Process, ask

_PAGE = os.sysconf("SC_PAGE_SIZE")
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'qapf-%'"


def at_rest(processes: Sequence[Process], seconds: float = 300) -> bool:
    """Waits until hardly anything is at work in them: what they keep of what they found has been counted."""
    pids = [one.running.pid for one in processes if one.running is not None]
    quiet, end = 0, time.monotonic() + seconds
    while quiet < 5 and time.monotonic() < end:
        before = sum(map(cpu_seconds, pids))
        time.sleep(2)
        quiet = quiet + 1 if sum(map(cpu_seconds, pids)) - before < 0.2 else 0
    return quiet == 5


class Growth(threading.Thread):
    """Looks at them again and again, until told to stop."""

    def __init__(self, place: Place, processes: Sequence[Process], every_seconds: float) -> None:
        super().__init__(daemon=True)
        self._place, self._every = place, every_seconds
        self._held = {one.service: Path(f"/proc/{one.running.pid}") for one in processes if one.running is not None}
        self._memory: dict[str, list[int]] = {service: [] for service in self._held}
        self._descriptors: list[int] = []
        self._connections: list[int] = []
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.wait(self._every):
            for service, folder in self._held.items():
                self._memory[service].append(int((folder / "statm").read_text().split()[1]) * _PAGE)
            self._descriptors.append(sum(len(os.listdir(folder / "fd")) for folder in self._held.values()))
            self._connections.append(ask(self._place.admin, _CONNECTIONS)[0][0])

    def told(self) -> dict[str, Any]:
        """Once caches are full: how much more memory at the end than at the beginning, and the rest at both ends."""
        return {
            "memory_mb": {name: round(seen[-1] / 1e6) for name, seen in self._memory.items()},
            "memory_growth_percent": {name: _growth(settled(seen)) for name, seen in self._memory.items()},
            "descriptors": _ends(settled(self._descriptors)),
            "connections": _ends(settled(self._connections)),
        }


def settled(seen: Sequence[int]) -> Sequence[int]:
    """Without the first fifth, in which what is asked for is asked for the first time."""
    return seen[len(seen) // 5 :]


def _growth(seen: Sequence[int]) -> float:
    """What a straight line through them rises from its beginning to its end, in percent."""
    slope, begun = linear_regression(range(len(seen)), seen)
    return round(100 * slope * (len(seen) - 1) / begun, 1)


def _ends(seen: Sequence[int]) -> list[int]:
    """The mean of the first quarter and of the last."""
    quarter = max(len(seen) // 4, 1)
    return [round(mean(seen[:quarter])), round(mean(seen[-quarter:]))]
