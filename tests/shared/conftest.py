"""What the tests of the platform share."""

import json
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from shared.logging import configure_logging

Lines = Callable[[], list[dict[str, Any]]]
# Stands for a child's name or number wherever a test puts one in.
CANARY = "canary-9434765919"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Logs as in production; called, it gives the lines since it was last called."""
    root = logging.getLogger()
    kept = (root.handlers, root.level, warnings.showwarning)
    configure_logging("audit", "INFO")

    def read() -> list[dict[str, Any]]:
        captured = capsys.readouterr()
        assert captured.err == ""
        assert CANARY not in captured.out
        return [json.loads(line) for line in captured.out.splitlines()]

    yield read
    root.handlers, root.level, warnings.showwarning = kept
    structlog.reset_defaults()
