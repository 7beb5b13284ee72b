"""How much of an attack is run: a small dose in every run of the suite, the full one or a part by `faults/`.

QAPF_DOSE is `full`, or the part of the full dose that is run, such as 0.1: never less than the small one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeVar, cast

T = TypeVar("T")
_ASKED = os.environ.get("QAPF_DOSE", "small")
_PART = {"small": 0.0, "full": 1.0}[_ASKED] if _ASKED in ("small", "full") else float(_ASKED)
FULL = _PART == 1


def dose(small: T, full: T) -> T:
    """What is to be run: of a number of things the part asked for, of anything else the small dose or the full."""
    if isinstance(small, int) and isinstance(full, int):
        return cast(T, max(small, round(_PART * full)))
    return full if FULL else small


def tell(**figures: Any) -> None:
    """Figures of a full dose, for the program that asked for it."""
    if told := os.environ.get("QAPF_DOSE_FIGURES"):
        with Path(told).open("a") as file:
            file.write(json.dumps(figures) + "\n")
