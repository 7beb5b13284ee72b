"""How learning looks to one caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.audit_api.learning.schemas import AcknowledgedBy, LearningOut, LearningRow, LearningSourceOut, TrainingOut
from shared.auth.caller import Caller

_SHARED = (
    "unit", "title", "kind", "audience", "visibility", "themes", "status", "disseminated_on", "acknowledgements",
    "acknowledged_by_me", "trainings", "version",
)  # fmt: skip
_WHOLE = ("created_by", "created_at", "disseminated_by", "withdrawn_on", "withdrawn_by", "withdrawal_reason")


def percent_of(part: int, whole: int) -> float | None:
    """In tenths, rounded down: what is not finished never reads as 100."""
    return None if whole == 0 else part * 1000 // whole / 10


def learning_row(row: Any) -> LearningRow:
    """A line of the list."""
    return LearningRow(id=str(row.id), **{name: getattr(row, name) for name in _SHARED})


def learning_out(row: Any, by: Sequence[Any], caller: Caller, writable: bool) -> LearningOut:
    """The whole item with what belongs to it."""
    return LearningOut(
        id=str(row.id),
        **{name: getattr(row, name) for name in (*_SHARED, *_WHOLE)},
        text=row.detail,
        sources=[_source(one) for one in row.sources or []],
        training=[_training(one) for one in row.training or []],
        acknowledged_by=[AcknowledgedBy.model_validate(one) for one in by],
        allowed_actions=_allowed(row, caller, writable),
    )


def _allowed(row: Any, caller: Caller, writable: bool) -> list[str]:
    allowed = []
    writes = writable and caller.may("audit:write")
    if row.status == "draft" and writes:
        allowed += ["edit", "disseminate"]
    if row.status == "disseminated" and not row.acknowledged_by_me:
        allowed.append("acknowledge")
    if row.status == "disseminated" and caller.may("audit:write"):
        allowed.append("link_training")
    if row.status != "withdrawn" and writes:
        allowed.append("withdraw")
    return allowed


def _source(one: dict[str, Any]) -> LearningSourceOut:
    own = one["finding_id"] if one["kind"] == "finding" else one["audit_id"]
    return LearningSourceOut(kind=one["kind"], id=own, audit=one["audit_id"], reference=one["reference"])


def _training(one: dict[str, Any]) -> TrainingOut:
    return TrainingOut.model_validate({name: one[name] for name in TrainingOut.model_fields})
