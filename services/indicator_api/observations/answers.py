"""The answer to an import, whether it is given at once or kept with the job that did it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.indicator_api.observations.rows.report import Report, without_comparison
from services.indicator_api.observations.service import Order
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.auth.caller import Caller


def import_answer(found: UUID | None, order: Order, report: Report) -> dict[str, Any]:
    """The whole answer; the id is None for a dry run."""
    return {
        "id": None if found is None else str(found),
        "mode": order.mode,
        "dry_run": order.dry_run,
        "provisional": order.provisional,
        **report.outcome(),
    }


def as_seen_by(caller: Caller, answer: dict[str, Any], protected: bool) -> dict[str, Any]:
    """The answer as this caller may see it."""
    return without_comparison(answer) if protected and not caller.may(FIGURES_SCOPE) else answer
