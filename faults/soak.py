"""Two hours of the constant load: memory grows by less than 5 %, descriptors and connections stay as they are."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults import constant_load
from faults.running.place import Place
from faults.running.program import Dose, Findings, main

FULL = {**constant_load.FULL, "seconds": 7_200}
SMALL = {**constant_load.SMALL, "seconds": 60}
_MOST_PERCENT, _MOST_MORE = 5.0, 5


def run(place: Place, dose: Dose) -> Findings:
    found = constant_load.run(place, dose)
    for name, percent in found.figures["memory_growth_percent"].items():
        found.must(percent < _MOST_PERCENT, f"the memory of {name} grew by {percent} %")
    for what in ("descriptors", "connections"):
        begun, ended = found.figures[what]
        found.must(ended <= begun + _MOST_MORE, f"{what}: {begun} and in the end {ended}")
    return found


if __name__ == "__main__":
    main("soak", run, FULL, SMALL)
