"""Where a page of this service's lists starts, read back from its cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.problems import Fault, Malformed


def place(after: tuple[Any, ...], *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
    """The parts of a cursor as days and ids; raises Malformed where they are none."""
    try:
        return tuple(read(part) for read, part in zip(kinds, after, strict=True))
    except ValueError:
        fault = Fault("/query/after", "cursor", "use the `next` of an earlier page of this same list")
        raise Malformed("The cursor is not one of this list's.", errors=[fault]) from None
