"""The rows of a board report's sections: each says its type, so that a reader can tell them apart."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.board_return_items import ReturnItem
from shared.schemas.figures import ValueStatus


class Shown(OutModel):
    """A number as it is shown: null with its symbol where it is hidden or missing, never a nought instead."""

    value: float | None
    value_status: ValueStatus | None = None
    display: str


class SummaryLine(Shown):
    """A total of the section."""

    code: str
    label: str


class ExceptionItem(OutModel):
    """A figure that changed significantly or stands out of step (R50)."""

    type: Literal["exception"] = "exception"
    key: str
    indicator: str
    title: str
    themed_area: str
    period: str
    period_label: str
    trigger: str
    trigger_label: str
    rule: str
    direction: str
    favourable: bool | None
    display: str
    new: bool = Field(description="it did not stand at the period before")
    status: Literal["new", "standing", "resolved"] = "standing"
    first_raised: str | None = Field(default=None, description="the period that first raised it, in words")
    unanswered_days: int | None = Field(default=None, description="how long it has stood unanswered; null once it is")
    answered_by: str | None = None
    answered_on: date | None = None
    explanation: str | None = Field(default=None, description="the owner's answer, in the owner's words")
    expected_until: date | None = Field(default=None, description="until when its owner expects it to stand")
    sentence: str
    inputs_hash: str


class SlotItem(OutModel):
    """One team's place in a round of audits."""

    type: Literal["slot"] = "slot"
    period: str
    period_label: str
    unit: str
    unit_name: str
    state: str
    state_label: str
    submitted_on: date | None = None
    void_reason: str | None = None


class GradeItem(OutModel):
    """How many audits had one grade in one domain."""

    type: Literal["grade"] = "grade"
    domain: str
    domain_title: str
    grade: str
    grade_label: str
    ofsted: str | None = Field(default=None, description="what the grade is among Ofsted's four, whatever its name")
    value: float | None
    value_status: ValueStatus | None = None
    display: str


class StatementItem(OutModel):
    """A sentence taken from the evidence: a strength, what changed because of what people said, or what is lacking."""

    type: Literal["statement"] = "statement"
    group: str
    group_label: str
    text: str


class TallyItem(Shown):
    """A count under one heading of a group."""

    type: Literal["tally"] = "tally"
    group: str
    group_label: str
    code: str
    title: str


class StageItem(OutModel):
    """Complaints at one stage of one procedure, each against the time the law allows."""

    type: Literal["stage"] = "stage"
    procedure: str
    stage: str
    title: str
    open: Shown
    closed: Shown
    within_statutory: Shown
    past_statutory: Shown


class ActionItem(OutModel):
    """An action that an audit led to."""

    type: Literal["action"] = "action"
    id: str
    title: str
    unit: str | None = None
    unit_name: str | None = None
    owner: str | None = None
    originally_due_on: date = Field(description="the measure of being overdue, whatever was agreed since (R42)")
    due_on: date
    status: str | None = None


class OccurrenceItem(OutModel):
    """One report that was due, and what became of it."""

    type: Literal["occurrence"] = "occurrence"
    report: str
    title: str
    period: str
    period_label: str
    due_on: date
    outcome: str
    outcome_label: str
    published_on: date | None = None
    reason: str | None = Field(default=None, description="why it was late, as it was last said")


class ScheduledItem(OutModel):
    """One line of the schedule of reports."""

    type: Literal["scheduled"] = "scheduled"
    report: str
    title: str
    cadence: str
    owner_role: str
    next_due_on: date | None = None


class FocusItem(OutModel):
    """What a Head of Service asks the board to look at (R49)."""

    type: Literal["focus"] = "focus"
    unit: str
    unit_name: str
    title: str
    why: str
    indicators: list[str]
    carried_from: str | None = Field(default=None, description="the earlier period it was named for, in words")
    named_on: date


class ProviderItem(OutModel):
    """A school or setting in a register of concern (R54), with judgements and soft information side by side (R86)."""

    type: Literal["provider"] = "provider"
    provider: str
    name: str
    kind: str
    kind_label: str
    register_code: str
    register_title: str
    category: str
    category_label: str
    at_risk: bool
    opened_on: date
    closed_on: date | None = None
    reported_to_members_on: date | None = None
    support: list[str] = []
    lacking: list[str] = Field(default=[], description="what the entry lacks, in words")
    judgements: list[str] = Field(default=[], description="the latest judgements, in words")
    figures: list[str] = Field(default=[], description="its newest figures, in words")
    notes: list[str] = Field(default=[], description="visits, reviews and information of the period, latest first")


class ReviewsItem(OutModel):
    """The reviews a register owed in one period, and how many were held."""

    type: Literal["reviews"] = "reviews"
    register_code: str
    register_title: str
    period: str
    period_label: str
    expected: Shown
    held: Shown
    missing: Shown


class RestatementItem(OutModel):
    """A figure this board has been shown that now reads otherwise."""

    type: Literal["restatement"] = "restatement"
    indicator: str
    title: str
    period: str
    period_label: str
    before: str = Field(description="as this board was shown it")
    after: str = Field(description="as it stands at the cut-off")
    shown_in: str = Field(description="the report that showed it, in words")
    restated_on: date | None = None
    reason: str | None = None
    sentence: str


SectionItem = (
    ExceptionItem
    | SlotItem
    | GradeItem
    | StatementItem
    | TallyItem
    | StageItem
    | ActionItem
    | OccurrenceItem
    | ScheduledItem
    | FocusItem
    | ProviderItem
    | ReviewsItem
    | RestatementItem
    | ReturnItem
)
