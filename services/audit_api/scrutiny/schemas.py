"""Reviews by others on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, LocalDate, OutModel, Reference, StrictModel, Text

Kind = Literal["peer_review", "inspection", "serious_case_review"]
Direction = Literal["requested", "participated"]
Standing = Literal["serious_concern", "concern", "improving", "strength"]
Stage = Literal["requested", "held", "published"]
Movement = Literal["better", "unchanged", "worse"]


def example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class JudgementIn(StrictModel):
    judgement: Code
    grade: Code = Field(description="in the words of the review's framework")


class AreaIn(StrictModel):
    """How a subject stood in the eyes of the review."""

    topic: Code = Field(description="a theme of the framework")
    standing: Standing
    words: Text | None = None


class ReviewEdit(StrictModel):
    """What is known of a review so far; sent whole each time."""

    model_config = StrictModel.model_config | example(
        title="Peer review of planning",
        unit="childrens_services",
        led_by="A neighbouring council",
        asked_about=["planning"],
        requested_on="2026-09-01",
        held_on="2026-11-10",
        areas=[{"topic": "planning", "standing": "concern", "words": "Plans are long and seldom change."}],
    )

    title: Label
    unit: Code = Field(description="the unit whose work it looks at")
    led_by: Label = Field(description="who reviews: a council, an inspectorate, the partnership")
    framework: Code | None = Field(default=None, description="the edition judged under; needed for judgements")
    judgements: Annotated[list[JudgementIn], Field(max_length=30)] = []
    asked_about: Annotated[list[Code], Field(max_length=20)] = Field(
        default=[], description="the areas of concern for which a review was asked"
    )
    areas: Annotated[list[AreaIn], Field(max_length=60)] = []
    requested_on: LocalDate | None = None
    held_on: LocalDate | None = None
    published_on: LocalDate | None = None
    summary: Text | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        days = [day for day in (self.requested_on, self.held_on, self.published_on) if day is not None]
        if not days:
            raise SafeValueError("give the day it was requested, held or published")
        if days != sorted(days):
            raise SafeValueError("a review is requested, then held, then published; correct the days")
        named = [one.judgement for one in self.judgements]
        topics = [one.topic for one in self.areas]
        if any(len(set(each)) < len(each) for each in (named, topics, self.asked_about)):
            raise SafeValueError("a judgement or topic stands twice; give each once")
        if self.judgements and self.framework is None:
            raise SafeValueError("grades of different frameworks are not comparable; name the framework")
        return self


class ReviewIn(ReviewEdit):
    """A peer review, an inspection or a serious case review (R36)."""

    model_config = StrictModel.model_config | example(
        kind="serious_case_review",
        reference="SCR-2026-01",
        title="Serious case review, first of 2026",
        unit="childrens_services",
        led_by="The safeguarding partnership",
        published_on="2026-10-14",
        areas=[{"topic": "information_sharing", "standing": "serious_concern"}],
    )

    kind: Kind
    direction: Direction | None = Field(default=None, description="of a peer review: asked for, or taken part in")
    reference: Reference = Field(description="its own; a thematic audit names it in trigger_reference")

    @model_validator(mode="after")
    def _direction(self) -> Self:
        if (self.kind == "peer_review") != (self.direction is not None):
            raise SafeValueError("a peer review was requested or participated in; other reviews have no direction")
        return self


class JudgementOut(OutModel):
    judgement: str
    grade: str


class AreaOut(OutModel):
    topic: str
    standing: Standing
    words: str | None


class ScrutinyProgress(OutModel):
    """What became of a review's recommendations."""

    total: int
    done: int
    declined: int
    overdue: int


class TriggeredOut(OutModel):
    """An audit that names the review as what set it off (R07)."""

    id: UUID
    unit: str
    audit_type: str
    status: str


class ReviewRow(OutModel):
    """A review as a line of the list."""

    id: UUID
    kind: Kind
    direction: Direction | None
    reference: str
    title: str
    unit: str
    led_by: str
    stage: Stage
    on: date = Field(description="the latest of its days")
    recommendations: ScrutinyProgress
    version: int


class EarlierOut(OutModel):
    """The review as it was before a change."""

    version: int
    title: str
    framework: str | None
    judgements: list[JudgementOut]
    areas: list[AreaOut]
    requested_on: date | None
    held_on: date | None
    published_on: date | None
    superseded_by: str
    superseded_at: datetime


class ReviewOut(ReviewRow):
    """One review, whole."""

    framework: str | None
    judgements: list[JudgementOut]
    asked_about: list[str]
    areas: list[AreaOut]
    requested_on: date | None
    held_on: date | None
    published_on: date | None
    summary: str | None
    audits: list[TriggeredOut] = Field(description="audits within reach that it set off; at most 100")
    earlier: list[EarlierOut]
    recorded_by: str
    allowed_actions: list[str]


class TrendPoint(OutModel):
    """The topic in one review, and how that compares with the review before."""

    review: UUID
    reference: str
    title: str
    kind: Kind
    direction: Direction | None
    on: date
    standing: Standing
    movement: Movement | None
    words: str | None
    recommendations: ScrutinyProgress


class TrendOut(OutModel):
    """A topic across reviews, the earliest first: whether others see it getting better (R36)."""

    topic: str
    name: str
    points: list[TrendPoint]
    standing: Standing | None = Field(description="in the latest review")
    reviews_with_concern: int
    recurring: bool = Field(description="a concern in more than one review")
    recommendations: ScrutinyProgress = Field(description="of all reviews, on this topic")
