"""How much of an attack is run: a small dose in every run of the suite, the full one by the programs in `faults/`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
FULL = os.environ.get("QAPF_DOSE") == "full"


def dose(small: T, full: T) -> T:
    return full if FULL else small


def tell(**figures: Any) -> None:
    """Figures of a full dose, for the program that asked for it."""
    if told := os.environ.get("QAPF_DOSE_FIGURES"):
        with Path(told).open("a") as file:
            file.write(json.dumps(figures) + "\n")
