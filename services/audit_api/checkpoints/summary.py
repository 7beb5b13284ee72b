"""How the assessments of a period stand at the two checkpoints: pure functions of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from services.audit_api.checkpoints.schemas import Checkpoint, CheckpointSummary, Share

CHECKPOINTS: tuple[Checkpoint, ...] = ("manager_sign_off", "panel")


def share(count: int, of: int) -> Share:
    return Share(count=count, percent=round(100 * count / of, 1) if of else None)


def passed(row: Any) -> tuple[bool, bool]:
    """Whether its latest look at sign-off, and at panel, was agreed."""
    return row.manager_sign_off == "agreed", row.panel == "agreed"


def missing(row: Any) -> list[Checkpoint]:
    """The checkpoints it has yet to pass."""
    if row.ended_on is not None:
        return []
    return [name for name, done in zip(CHECKPOINTS, passed(row), strict=True) if not done]


def summarise(rows: Sequence[Any]) -> CheckpointSummary:
    """Those that ended without a plan are counted by themselves: there was nothing to check."""
    counted = [row for row in rows if row.ended_on is None]
    of = len(counted)
    both = [row for row in counted if all(passed(row))]
    back = [look for row in counted for look in row.looks or () if look["outcome"] == "returned"]
    returned = sum(any(look["outcome"] == "returned" for look in row.looks or ()) for row in counted)
    at_first = sum(all(look["outcome"] == "agreed" for look in row.looks) for row in both)
    times = Counter(look["checkpoint"] for look in back)
    reasons = Counter(reason for look in back for reason in look["reasons"])
    return CheckpointSummary(
        assessments=of,
        ended=len(rows) - of,
        signed_off=share(sum(passed(row)[0] for row in counted), of),
        panel_agreed=share(sum(passed(row)[1] for row in counted), of),
        both=share(len(both), of),
        both_at_first=share(at_first, of),
        returned=share(returned, of),
        returns={name: times[name] for name in CHECKPOINTS},
        reasons=dict(sorted(reasons.items())),
    )
