"""Compliance with the reporting schedule on the wire."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from services.reporting_api.occurrences import Outcome
from shared.schemas.base import OutModel
from shared.schemas.board_report import PeriodRef


class ComplianceItem(OutModel):
    occurrence: str
    report: str
    title: str
    period: PeriodRef
    audiences: list[str]
    owner_role: str
    unit: str | None
    due_on: date
    published_on: date | None
    outcome: Outcome


class ComplianceOut(OutModel):
    """What was due in a period and what became of it; the four outcomes add up to `expected`."""

    period: PeriodRef
    board: str | None
    as_of: date
    expected: int = Field(description="reports whose due date lies in the period and has passed; frozen that day")
    on_time: int
    late: int = Field(description="published after the due date")
    open_late: int = Field(description="past the due date and not yet published")
    missed: int = Field(description="not published before the next of its kind fell due")
    on_time_percent: float | None = Field(description="null where nothing was expected")
    items: list[ComplianceItem] = Field(description="each report that was expected, by due date; at most 5,000")
