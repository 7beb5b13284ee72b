"""Programs that are tests already: run with a larger dose, told in one line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence

from faults.running.place import ROOT
from faults.running.program import Dose, chosen

_COUNTED = re.compile(r"(\d+) (passed|failed|skipped|error)")


def main(fault: str, tests: Sequence[str], full: Dose, small: Dose) -> None:
    """Run tests with the dose in their environment, `runs` times; a failure ends with 1."""
    dose, began = chosen(full, small), time.monotonic()
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *tests]
    environment = {**os.environ, **{name.upper(): str(value) for name, value in dose.items()}}
    counts: dict[str, int] = {"passed": 0}
    broken = []
    for number in range(dose["runs"]):
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        for count, word in _COUNTED.findall(done.stdout.strip().splitlines()[-1]):
            counts[word] = counts.get(word, 0) + int(count)
        if done.returncode != 0:
            broken.append(f"run {number + 1}: {done.stdout.strip().splitlines()[-1]}")
    line = {
        "fault": fault, "dose": dose, "full_dose": dose == dict(full), "tests": counts, "lost": 0, "double": 0,
        "broken": broken, "passed": not broken, "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    print(json.dumps(line), flush=True)
    sys.exit(1 if broken else 0)
