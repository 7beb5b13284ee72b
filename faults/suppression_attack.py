"""Thousands of random tables with margins, and versions of them, attacked by linear programming."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(
        run(
            "a hidden figure is found by linear programming",
            "tests/shared/test_suppression_attack.py",
            "tests/reporting_api/test_differencing.py",
        )
    )
