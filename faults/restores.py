"""Four databases are saved at one point while others write, wiped and restored: counted, chained and marked."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.suite import main

if __name__ == "__main__":
    main("backup, wipe, restore", ["tests/embedded/test_backup.py"], {"databases": 4}, {"databases": 4})
