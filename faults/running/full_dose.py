"""Runs tests at their full dose, or the part that DOSE asks for, and prints one line of JSON: what was tried."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(fault: str, *tests: str) -> int:
    began, asked_for = time.monotonic(), os.environ.get("DOSE", "full")
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "figures")
        told.touch()
        asked = {"QAPF_DOSE": asked_for, "QAPF_DOSE_FIGURES": str(told)}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *tests]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | asked, stdout=sys.stderr)
        figures: dict[str, object] = {}
        for line in told.read_text().splitlines():
            for name, value in json.loads(line).items():
                before = figures.get(name)
                figures[name] = value + before if isinstance(before, int) and isinstance(value, int) else value
    passed = done.returncode == 0
    seconds = round(time.monotonic() - began)
    print(json.dumps({"fault": fault, "dose": asked_for, **figures, "passed": passed, "seconds": seconds}))
    return done.returncode
