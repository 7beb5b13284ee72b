"""Recommendations of reviews on the wire: their owner, their dates, their milestones."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.audit_api.scrutiny.schemas import example
from shared.faults import SafeValueError
from shared.schemas.base import Code, Id, Label, LocalDate, OutModel, Reference, StrictModel, Text

Status = Literal["open", "done", "declined"]
Wanted = Literal["open", "overdue", "done", "declined"]
Changed = Literal["redated", "reached", "linked", "done", "declined"]


class MilestoneIn(StrictModel):
    title: Label
    due_on: LocalDate


class RecommendationIn(StrictModel):
    """What a review asks for, with an owner and a date."""

    model_config = StrictModel.model_config | example(
        words="Tell partners within a day when a child's plan changes.",
        topic="information_sharing",
        owner_role="head_of_service",
        due_on="2027-03-31",
        milestones=[{"title": "The form is agreed with partners", "due_on": "2027-01-15"}],
    )

    words: Label
    topic: Code | None = Field(default=None, description="a theme of the framework")
    unit: Code | None = Field(default=None, description="the unit that carries it out; the review's if left out")
    owner_role: Code | None = None
    owner_subject: Reference | None = Field(default=None, description="a staff account")
    owner_post: Label | None = Field(default=None, description="how reports name the owner")
    due_on: LocalDate
    milestones: Annotated[list[MilestoneIn], Field(max_length=30)] = []

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        if (self.owner_role is None) == (self.owner_subject is None):
            raise SafeValueError("give the owner's role or account, one of both")
        return self


class DateEdit(StrictModel):
    """Another date with the reason; the first stays the measure of being late."""

    model_config = StrictModel.model_config | example(due_on="2027-05-28", reason="Partners asked for time.")

    due_on: LocalDate
    reason: Text


class ReachedIn(StrictModel):
    """The day on which a milestone was reached."""

    model_config = StrictModel.model_config | example(reached_on="2026-11-20")

    reached_on: LocalDate
    note: Text | None = None


class OutcomeIn(StrictModel):
    """Carried out, or declined with the reason."""

    model_config = StrictModel.model_config | example(outcome="declined", note="The law changed; it no longer applies.")

    outcome: Literal["done", "declined"]
    note: Text


class LinksIn(StrictModel):
    """The actions that carry it out, added to those linked already."""

    model_config = StrictModel.model_config | example(actions=["0192f0c1-0000-7000-8000-000000000001"])

    actions: Annotated[list[Id], Field(min_length=1, max_length=50)]


class MilestoneOut(OutModel):
    number: int
    title: str
    original_due_on: date
    due_on: date
    reached_on: date | None
    state: Literal["planned", "reached", "reached_late", "late"] = Field(description="measured by its first date")


class RecommendationChangeOut(OutModel):
    kind: Changed
    milestone: int | None
    was_due_on: date | None
    day: date
    words: str | None
    by: str
    at: datetime


class RecommendationRow(OutModel):
    """A recommendation as a line of the list."""

    id: UUID
    review: UUID
    review_reference: str
    unit: str
    words: str
    topic: str | None
    owner_role: str | None
    owner_subject: str | None
    owner_post: str | None
    original_due_on: date
    due_on: date
    status: Status
    overdue: bool = Field(description="open past its first or present date")
    days_overdue: int = Field(description="since its first date")
    milestones: int
    milestones_reached: int
    milestones_late: int
    ended_on: date | None
    version: int


class RecommendationOut(RecommendationRow):
    """One recommendation with its milestones and every change."""

    steps: list[MilestoneOut]
    actions: list[UUID]
    history: list[RecommendationChangeOut]
    recorded_by: str
    allowed_actions: list[str]
