"""Clocks that are wrong, days of 23 and 25 hours, a leap day, year ends, 30 days down: one run for each period."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.suite import main

TESTS = ["tests/reporting_api/test_clock_proof.py", "tests/reporting_api/test_clock.py", "tests/shared/test_clock.py"]

if __name__ == "__main__":
    main("clocks", TESTS, {"days_down": 30}, {"days_down": 30})
