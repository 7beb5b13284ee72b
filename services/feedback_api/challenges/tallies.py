"""How many challenges wait, gathered by one of the things they are counted by; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.feedback_api.challenges.schemas import TallyOut


def tallies(rows: Sequence[Any], by: str, name: str) -> list[TallyOut]:
    """The counts by one column, most overdue first."""
    found: dict[str, TallyOut] = {}
    for row in rows:
        code = getattr(row, by)
        one = found.setdefault(code, TallyOut(code=code, title=getattr(row, name) or code, unanswered=0, overdue=0))
        one.unanswered += row.unanswered
        one.overdue += row.overdue
    return sorted(found.values(), key=lambda one: (-one.overdue, -one.unanswered, one.code))
