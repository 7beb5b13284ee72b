"""Programs that are tests already: run with a larger dose, told in one line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from faults.running.place import ROOT
from faults.running.program import Dose, chosen

_COUNTED = re.compile(r"(\d+) (passed|failed|skipped|error)")


def main(fault: str, tests: Sequence[str], full: Dose, small: Dose) -> None:
    """Run tests with the dose in their environment, and tell what they tell; a failure ends with 1."""
    dose, began = chosen(full, small), time.monotonic()
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *tests]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "figures")
        told.touch()
        asked = {"QAPF_DOSE": "full" if dose == full else "small", "QAPF_DOSE_FIGURES": str(told)}
        environment = {**os.environ, **asked, **{name.upper(): str(value) for name, value in dose.items()}}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
        figures: dict[str, int] = {}
        for line in told.read_text().splitlines():
            for name, value in json.loads(line).items():
                figures[name] = figures.get(name, 0) + value
    last = done.stdout.strip().splitlines()[-1]
    counts = {word: int(count) for count, word in _COUNTED.findall(last)}
    broken = [] if done.returncode == 0 else [last]
    if broken:
        print(done.stdout, file=sys.stderr)
    # Nothing is known of what was lost where a test has failed.
    none_lost = {} if broken else {"lost": 0, "double": 0}
    line = {
        "fault": fault, "dose": dose, "full_dose": dose == dict(full), "tests": counts, **figures, **none_lost,
        "broken": broken, "passed": not broken, "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    print(json.dumps(line), flush=True)
    sys.exit(1 if broken else 0)
