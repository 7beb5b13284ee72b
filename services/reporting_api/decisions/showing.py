"""One decision as a caller sees it: words that tell a number only to those who see the report's figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.reporting_api import editions
from services.reporting_api.decisions.schemas import DecisionDetail, DecisionOut, DecisionUpdateOut
from services.reporting_api.definitions import Definitions
from services.reporting_api.document import held_back
from services.reporting_api.matters import is_overdue
from services.reporting_api.words import period_words
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.schemas.board_report import PeriodRef


def decision_out(row: Any, known: Definitions, caller: Caller, today: date) -> DecisionOut:
    return DecisionOut(**_fields(row, known, caller, today))


def decision_detail(
    row: Any, updates: Sequence[Any], known: Definitions, caller: Caller, today: date
) -> DecisionDetail:
    said = [DecisionUpdateOut.model_validate(one) for one in updates]
    for one in said:
        one.words = _shown(one.words, row, caller) or ""
    return DecisionDetail(**_fields(row, known, caller, today), updates=said)


def _fields(row: Any, known: Definitions, caller: Caller, today: date) -> dict[str, Any]:
    board = known.boards.get(row.board)
    kept = (
        "board", "meeting_on", "owner_role", "owner_unit", "owner_agency", "originally_due_on", "due_on", "status",
        "progress_on", "version",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in kept},
        "id": str(row.id), "report": str(row.report), "report_title": row.title,
        "board_name": board.name if board else row.board,
        "period": PeriodRef(
            code=row.period, label=period_words(row.period), start=row.period_start, end=row.period_end
        ),
        "decided": _shown(row.decided, row, caller), "progress": _shown(row.progress, row, caller),
        "ended_on": local_date(row.ended_at) if row.ended_at else None,
        "overdue": is_overdue(row, today), "allowed_actions": _allowed(row, caller),
    }  # fmt: skip


def _shown(words: str | None, row: Any, caller: Caller) -> str | None:
    return words if row.disclosure != "full" or editions.sees_full(caller) else held_back(words)


def _allowed(row: Any, caller: Caller) -> list[str]:
    keeps = caller.may("reporting:clerk")
    says = caller.may("reporting:contribute") and (row.status == "open" or keeps)
    return [*(["update"] if says else []), *(["minute"] if keeps else [])]
