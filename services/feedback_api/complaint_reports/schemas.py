"""The complaints report on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from services.feedback_api.complaint_reports.periods import ReportPeriod
from shared.schemas.base import OutModel, StrictModel, Text
from shared.schemas.feedback_summary import Tally

_WORDS = "for callers who handle complaints; null for all others"


class EditionIn(StrictModel):
    """Ask for the next edition of a report whose period is over."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [{"period": "FY2026-27-Q2", "reason": "Two teams have added their learning."}]
        }
    }

    period: ReportPeriod
    reason: Text | None = Field(default=None, description="why a new edition is wanted; kept with it")


class EditionOut(OutModel):
    """One edition; none is ever changed, a later one supersedes it."""

    period: str
    edition: int
    start: date
    end: date
    due_on: date = Field(description="the day after the period's end, on which the first edition is produced by itself")
    produced_at: datetime
    produced_by: str
    on_time: bool | None = Field(
        description="whether the first edition came on the day it was due; null for later ones"
    )
    reason: str | None
    supersedes: int | None
    superseded_by: int | None = Field(description="the newest edition, where this is not it")
    content_hash: str = Field(description="SHA-256 of the report with its true figures, as it was produced")


class StageTime(OutModel):
    """A stage of a procedure: those that began in the period, and how long those took that ended in it.

    A limit the procedure does not have has null.
    """

    procedure: str
    stage: str
    title: str
    began: int
    ended: int
    within_statutory: int | None = Field(
        description="answered in time; a stage left by agreement, overdue or refused was not answered"
    )
    past_statutory: int | None
    within_target: int | None = Field(description="the council's own target")
    past_target: int | None
    extended: int
    set_aside: int = Field(description="stages some of whose days were set aside")
    days_set_aside: int = Field(description="working days on which their clocks stood still")
    median_days: float | None = Field(description="working days from day 1 to the answer, days set aside left out")
    escalated: int | None = Field(
        description="of those that ended, complaints that went on to the next stage asked for"
    )
    escalation_rate: float | None = Field(
        description="percent of those that ended; null where no stage can be asked for"
    )


class Refusals(OutModel):
    """Why complaints received in the period were not taken up; one may be counted in both."""

    not_eligible: int
    no_consent: int


class ComplaintFigures(OutModel):
    received: int
    statuses: list[Tally] = Field(description="where those received in the period stood when the report was produced")
    procedures: list[Tally]
    units: list[Tally]
    agencies: list[Tally] = Field(description="`own_service`: not about a partner agency")
    respondent_groups: list[Tally]
    themes: list[Tally] = Field(description="a complaint may have several")
    refused: Refusals
    closed: int = Field(description="closed in the period, whenever received")
    outcomes: list[Tally] = Field(description="of those closed in the period")
    stages: list[StageTime]


class ComplimentFigures(OutModel):
    received: int
    units: list[Tally]
    agencies: list[Tally]
    respondent_groups: list[Tally]
    themes: list[Tally]


class EnquiryFigures(OutModel):
    """Enquiries of the ombudsman."""

    received: int
    decided: int = Field(description="in the period, whenever received")
    upheld: int = Field(description="of those decided")
    overdue: int = Field(description="not answered on the last day of the period, past the day it was due")


class RemedyFigures(OutModel):
    """What was promised to those who complained."""

    promised: int
    done_in_time: int = Field(description="done in the period, whenever promised")
    done_late: int
    overdue: int = Field(description="not done on the last day of the period, whenever promised")


class RecommendationFigures(OutModel):
    """What investigations, panels and the ombudsman recommended."""

    made: int
    accepted: int = Field(description="answered in the period, whenever made")
    rejected: int
    done_in_time: int = Field(description="done in the period, whenever made")
    done_late: int
    overdue: int = Field(description="accepted and not done on the last day of the period, whenever made")


class MissingLearning(OutModel):
    """An upheld complaint whose learning or improvement was missing when the report was produced."""

    respond_ref: str
    closed_on: date
    due_on: date | None = Field(description="when the owner is to have written it")
    missing: list[str]
    added_since: bool = Field(description="both are there by now: the next edition will have them")


class OwnerOut(OutModel):
    """Who must act, by unit."""

    unit: str
    title: str
    owner: str | None = Field(
        description="whoever is named for the complaints' learning, to those who handle complaints; else the head of "
        "the unit, or of the nearest above that has one"
    )
    count: int
    complaints: list[MissingLearning] | None = Field(description=_WORDS)


class LearnedOut(OutModel):
    """What an upheld complaint taught, in the words it had when the report was produced."""

    respond_ref: str
    unit: str
    outcome: str
    learning: str | None
    improvement: str | None


class ApprovedLearning(OutModel):
    """What complaints taught, redacted and approved for boards by a second person."""

    agency: str | None = Field(description="null: the council's own service")
    themes: list[str]
    text: str


class RefusedOut(OutModel):
    respond_ref: str
    unit: str
    reason: str | None


class UnitReportOut(OutModel):
    unit: str
    title: str
    owner: str | None


class UpdateStamp(OutModel):
    """What a unit's manager added to this edition, stamped; without its words for callers who may not read them."""

    unit: str
    title: str
    learning: str | None
    improvement: str | None
    updated_by: str
    updated_at: datetime


class LearningOut(OutModel):
    """What was learned, and what is missing still and from whom (R60)."""

    complete: int = Field(description="upheld complaints closed in the period with learning and improvement")
    missing: int
    missing_by_owner: list[OwnerOut]
    learned: list[LearnedOut] | None = Field(description=_WORDS)
    approved: list[ApprovedLearning] = Field(
        description="of complaints closed in the period, as approved on the day it is read; for every reader"
    )
    updates: list[UpdateStamp]
    updates_missing: list[UnitReportOut] = Field(
        description="units with an upheld complaint whose manager has added nothing"
    )
    updates_since: list[str] = Field(description="units whose manager has added or changed something since")


class ComplaintsReport(EditionOut):
    """The complaints report of a quarter or year, for the whole council or one unit with those below it."""

    unit: str | None
    complaints: ComplaintFigures
    compliments: ComplimentFigures
    enquiries: EnquiryFigures
    remedies: RemedyFigures
    recommendations: RecommendationFigures
    learning: LearningOut
    refusals: list[RefusedOut] | None = Field(description=_WORDS)


class UpdateIn(StrictModel):
    """What the complaints of a unit in a period taught, and what is better for it now."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "learning": "Families were not told when their worker changed.",
                    "improvement": "Every family is rung in the week before a worker leaves; checked each month.",
                }
            ]
        }
    }

    learning: Text
    improvement: Text


class UpdateOut(OutModel):
    period: str
    unit: str
    learning: str
    improvement: str
    version: int
    updated_by: str
    updated_at: datetime
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Any, may_change: bool) -> UpdateOut:
        plain = {name: getattr(row, name) for name in cls.model_fields if name != "allowed_actions"}
        return cls(**plain, allowed_actions=["change"] if may_change else [])
