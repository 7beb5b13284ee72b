"""Receivers of webhooks that fail, are slow, down for a day, gone or redirect: 1,000 events, each told under one id."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.suite import main

if __name__ == "__main__":
    main("webhooks", ["tests/reporting_api/test_webhooks.py"], {"events": 1_000}, {"events": 250})
