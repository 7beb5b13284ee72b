"""How draws look to one caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.audit_api.selection.drawing import ALGORITHM
from services.audit_api.selection.told import (
    AssignmentOut,
    DrawnCaseOut,
    DrawOut,
    DrawRow,
    DrawSourceOut,
    ExcludedOut,
    PassedOverOut,
    RulesOut,
    StratumOut,
)
from shared.auth.caller import Caller


def row_out(row: Any) -> DrawRow:
    """A draw as a line of a list."""
    return DrawRow(**_shared(row))


def _shared(row: Any) -> dict[str, Any]:
    named = ("unit", "tool", "audit_type", "asked", "pool_size", "seed", "seed_given", "drawn_on", "drawn_by",
             "replacements", "version")  # fmt: skip
    return {name: getattr(row, name) for name in named} | {
        "id": str(row.id),
        "slot": None if row.slot_id is None else str(row.slot_id),
        "round": None if row.round_id is None else str(row.round_id),
    }


def draw_out(row: Any, cases: Sequence[Any], sources: Sequence[Any], caller: Caller) -> DrawOut:
    """A whole draw."""
    return DrawOut(
        **_shared(row),
        algorithm=ALGORITHM,
        stratify_by=row.stratify_by,
        weights=row.weights,
        rules=RulesOut(**row.rules),
        sources=[
            DrawSourceOut(unit=one.unit, as_at=one.as_at, revision=one.revision, cases=one.cases) for one in sources
        ],
        strata=[StratumOut(**one) for one in row.strata],
        pool_hash=row.pool_hash.hex(),
        drawn=[_case_out(one) for one in cases],
        excluded=[ExcludedOut(**one) for one in row.excluded],
        drawn_at=row.drawn_at,
        allowed_actions=_actions(cases, caller),
    )


def _actions(cases: Sequence[Any], caller: Caller) -> list[str]:
    """What may be done with at least one of the cases."""
    waiting = [one for one in cases if one.replaced_reason is None and one.audit_status == "allocated"]
    mine = caller.may("audit:manage") and any(one.unit != caller.unit for one in waiting)
    return ["replace", "assign"] if mine else []


def _case_out(one: Any) -> DrawnCaseOut:
    named = ("position", "case_reference", "unit", "stratum", "audit_status", "auditor", "replaces",
             "replaced_reason", "replaced_note", "replaced_by", "replaced_at")  # fmt: skip
    return DrawnCaseOut(
        **{name: getattr(one, name) for name in named},
        audit=str(one.audit_id),
        assignments=[AssignmentOut.model_validate(each) for each in one.assignments],
        passed_over=[PassedOverOut(**each) for each in one.passed_over],
    )
