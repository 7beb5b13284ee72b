"""The table of who may do what: each operation with the scope it needs and what an organisation scope makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

HERE = Path(__file__).parent / "access"
Reach = Literal[
    "everyone",  # the same for every unit: the framework, methods, published statistics
    "part",  # lists and sums: of the caller's unit and those below, nothing of the others
    "record",  # a record of one unit: 404 from another, for reading and for changing
    "named",  # names a unit, or something of one: unknown (422 or 404) from another
    "sender",  # belongs to the scope of whoever sent it: 404 from any other
    "council",  # only with a token of the whole council: else 403
    "anyone",  # without a login
]


@dataclass(frozen=True)
class Row:
    scope: str | None
    reach: Reach


def read_rows(name: str) -> dict[str, Row]:
    """The rows of one file: operation, scope (`-`: any valid token, or none where anyone may), reach."""
    found: dict[str, Row] = {}
    for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        operation, scope, reach = line.split()
        assert operation not in found, f"{operation} has two rows"
        assert reach in get_args(Reach), f"{operation}: {reach}"
        found[operation] = Row(None if scope == "-" else scope, reach)  # type: ignore[arg-type]
    return found


def rows_of(service: str) -> dict[str, Row]:
    """The rows of a service's own operations and of those that every service has."""
    return read_rows(service) | read_rows("platform")
