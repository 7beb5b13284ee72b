"""Compliance with the reporting schedule on the wire."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field

from services.reporting_api.occurrences import LatenessOut, Outcome
from services.reporting_api.punctuality import Tally
from shared.schemas.base import OutModel
from shared.schemas.board_report import PeriodRef


class TallyOut(OutModel):
    """What fell due and what became of it; the four outcomes add up to `expected`."""

    expected: int = Field(description="what was due in the period and whose day has passed; frozen that day")
    on_time: int
    late: int = Field(description="done after the due date")
    open_late: int = Field(description="past the due date and not yet done")
    missed: int = Field(description="not done before the next of its kind, or the report it is for, fell due")
    on_time_percent: float | None = Field(description="null where nothing was expected")

    @classmethod
    def of(cls, found: Tally, **more: object) -> Self:
        names = ("expected", "on_time", "late", "open_late", "missed", "on_time_percent")
        return cls(**{name: getattr(found, name) for name in names}, **more)


class BoardTally(TallyOut):
    board: str
    name: str


class OwnerTally(TallyOut):
    owner_role: str
    unit: str | None


class ReportTally(TallyOut):
    report: str
    title: str


class ContributorTally(TallyOut):
    contributor_kind: str
    contributor: str
    name: str


class CauseCount(OutModel):
    """How many reports were not on time for one reason, by what was last said of each."""

    cause: str
    label: str
    count: int


class ContributionsOut(TallyOut):
    """Contributions of agencies and units that fell due in the period (R85)."""

    chases: int = Field(description="how often they were reminded or chased")
    by_contributor: list[ContributorTally]


class DueItem(OutModel):
    """A report with the day on which it was due."""

    occurrence: str
    report: str
    title: str
    period: PeriodRef
    audiences: list[str]
    owner_role: str
    unit: str | None
    due_on: date


class ComplianceItem(DueItem):
    published_on: date | None
    outcome: Outcome
    reasons: list[LatenessOut] = Field(description="why it was late, as it was said, the newest first")


class WithdrawnItem(DueItem):
    """A report that was off the schedule on its day, and so neither came nor was late or missed."""

    withdrawn_on: date
    reason: str = Field(description="`report_retired` or `schedule_changed`, as the occurrence has it")


class ComplianceOut(TallyOut):
    """What was due in a period and what became of it; a report that goes to two boards counts for each of them."""

    period: PeriodRef
    board: str | None
    owner_role: str | None
    owner_unit: str | None
    as_of: date
    causes: list[CauseCount] = Field(description="of the reports that were not on time, the commonest first")
    by_board: list[BoardTally]
    by_owner: list[OwnerTally]
    by_report: list[ReportTally]
    contributions: ContributionsOut
    items: list[ComplianceItem] = Field(description="each report that was expected, by due date; at most 5,000")
    withdrawn: list[WithdrawnItem] = Field(
        description="reports due in the period that had left the schedule before their day; in none of the counts; "
        "at most 5,000"
    )


class ComplianceTrendPoint(OutModel):
    period: PeriodRef
    reports: TallyOut
    contributions: TallyOut


class ComplianceTrend(OutModel):
    """The same counts over consecutive periods, oldest first, as they stand today."""

    board: str | None
    owner_role: str | None
    owner_unit: str | None
    as_of: date
    points: list[ComplianceTrendPoint]
