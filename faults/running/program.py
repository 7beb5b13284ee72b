"""What every program shares: the size of its dose, one line of JSON, and 1 at the end where its promise is broken."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from faults.running.place import Place, own_place

Dose = Mapping[str, int]


@dataclass
class Findings:
    """What was counted, and each promise that was not kept, in words."""

    figures: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def must(self, kept: bool, promise: str) -> None:
        if not kept:
            self.broken.append(promise)


def chosen(full: Dose, small: Dose) -> dict[str, int]:
    """The dose that `DOSE` asks for: `full`, `small`, or a part of the full one such as 0.1."""
    asked = os.environ.get("DOSE", "full")
    if asked in ("full", "small"):
        return dict(full if asked == "full" else small)
    part = float(asked)
    return {name: min(most, max(small[name], round(most * part))) for name, most in full.items()}


def main(fault: str, run: Callable[[Place, Dose], Findings], full: Dose, small: Dose) -> None:
    """Run one program on a server of its own, print its line and end."""
    # Told to stop, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    dose, began = chosen(full, small), time.monotonic()
    with own_place() as place:
        found = run(place, dose)
    line = {
        "fault": fault, "dose": dose, "full_dose": dose == dict(full), **found.figures,
        "broken": found.broken, "passed": not found.broken, "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    print(json.dumps(line), flush=True)
    sys.exit(1 if found.broken else 0)


def skipped(fault: str, why: str) -> None:
    """Say that this machine cannot show it, and what is needed."""
    print(json.dumps({"fault": fault, "skipped": why}), flush=True)
    sys.exit(0)
