"""Three replicas of the clock, killed and stalled past their lease: each due report is drafted once."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.suite import main

FULL = {"due": 500, "kills": 100, "stalls": 20, "runs": 10}
SMALL = {"due": 28, "kills": 6, "stalls": 1, "runs": 1}

if __name__ == "__main__":
    main("scheduler replicas", ["tests/faults/test_clock_kills.py"], FULL, SMALL)
