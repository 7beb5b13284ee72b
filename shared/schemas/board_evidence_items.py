"""The rows of sections that lay evidence before a board: promises, what recurs, what was learned, who challenges."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.board_report_items import Shown


class QuarterCases(OutModel):
    quarter: str
    label: str
    cases: int
    cases_so_far: int


class CommitmentItem(OutModel):
    """How far a year's promise of audits has come, in cases and not in audits (R23)."""

    type: Literal["commitment"] = "commitment"
    code: str
    title: str
    year: str
    year_label: str
    target: int | None
    completed: int
    scheduled: int = Field(description="further cases whose audit is allocated and counts for the year")
    expected_by_now: int | None
    forecast: int = Field(description="cases expected by the year's end")
    rag: str | None = Field(description="green, amber, red or not_started")
    quarters: list[QuarterCases]


class BodyActionsItem(OutModel):
    """What one body still waits for, whatever was agreed since the first due dates (R42)."""

    type: Literal["body_actions"] = "body_actions"
    body: str | None
    body_name: str
    overdue: int
    oldest_due_on: date
    days_overdue: int
    redated: int = Field(description="of the overdue ones, those whose new date is still to come")


class RecurrenceItem(OutModel):
    """A theme that comes back in audits of one place, and what is done about it (R43)."""

    type: Literal["recurrence"] = "recurrence"
    kind: Literal["concern", "good_practice"]
    kind_label: str
    theme: str
    theme_title: str
    scope: str
    unit: str
    unit_name: str
    audits: int
    sentence: str
    answered: str | None = Field(description="what is done about it, where somebody has said so")
    grown_since_answered: bool


class LearningItem(OutModel):
    """Something that was learned and passed on (R26)."""

    type: Literal["learning"] = "learning"
    source: Literal["audit", "complaint"]
    source_label: str
    text: str
    confirms_known: bool = Field(default=False, description="it confirms what was known")
    unit_name: str | None = None
    passed_on_on: date | None = None
    trainings: int | None = Field(default=None, description="how much commissioned training includes it (R58)")


class ChallengeItem(OutModel):
    """A challenge of a partnership board, and how it was answered (R19)."""

    type: Literal["challenge"] = "challenge"
    id: str
    body: str
    body_name: str
    raised_on: date
    unit: str
    unit_name: str
    question: str
    area_for_development: str | None = None
    first_response_due: date
    response_due: date
    overdue: bool
    status: str
    status_label: str
    development_action: str | None = None


class OwedLearningItem(Shown):
    """Who still owes the learning of upheld complaints: the number of complaints, by unit and owner (R60)."""

    type: Literal["owed_learning"] = "owed_learning"
    unit: str
    unit_name: str
    owner: str | None


class OwedSurveyItem(OutModel):
    """A survey that one unit owes of several groups of people in the year (R63)."""

    type: Literal["owed_survey"] = "owed_survey"
    duty: str
    title: str
    unit: str
    unit_name: str
    due_on: date
    overdue: bool = Field(description="the day has passed and some group has not been asked")
    done: list[str] = Field(description="groups that have been asked, in words")
    coming: list[str] = Field(description="groups that are being asked now, or for which it is planned")
    missing: list[str] = Field(description="groups nobody has planned to ask")


class SurveyResultItem(OutModel):
    """How many of those who answered a question answered favourably."""

    type: Literal["survey_result"] = "survey_result"
    indicator: str
    title: str
    unit: str
    unit_name: str
    favourable: Shown
    answers: Shown
    percent: Shown
    survey: str


class FamilyItem(OutModel):
    """Whether one of the five families of sources brought something to the report, and where it stands (R06)."""

    type: Literal["source_family"] = "source_family"
    family: str
    label: str
    expected: bool = Field(description="the schedule says that this report rests on it")
    contributed: bool
    sections: list[str] = Field(description="the titles of the sections it brought something to")


class PastActionItem(OutModel):
    """A key action of the report before, as that report had it (R83)."""

    type: Literal["past_action"] = "past_action"
    text: str
    owner: str | None = None
    due_on: date | None = None
    evidence: list[str]


class GroundItem(OutModel):
    """Something on which a key action may rest; `reference` goes into the action's evidence (R44)."""

    type: Literal["ground"] = "ground"
    group: str
    group_label: str
    reference: str
    text: str


EvidenceItem = (
    CommitmentItem
    | BodyActionsItem
    | RecurrenceItem
    | LearningItem
    | ChallengeItem
    | OwedLearningItem
    | OwedSurveyItem
    | SurveyResultItem
    | FamilyItem
    | PastActionItem
    | GroundItem
)
