"""What the feedback service tells of a period: whose voices were heard, and complaints and compliments."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.schemas.base import OutModel


class Tally(OutModel):
    """A count of people's contributions; null with status `c` where it would single someone out."""

    code: str
    title: str
    count: int | None
    value_status: str | None = None


class SentimentOut(OutModel):
    positive: int | None
    mixed: int | None
    negative: int | None
    not_given: int | None
    value_status: str | None = None


class StageTally(OutModel):
    procedure: str
    stage: str
    title: str
    open: int
    closed: int
    within_statutory: int
    past_statutory: int


class ComplaintsOut(OutModel):
    received: int
    open: int
    stages: list[StageTally]
    outcomes: dict[str, int]
    learning_missing: int = Field(description="upheld or partly upheld, without learning or improvement (R60)")


class FeedbackSummary(OutModel):
    period: str
    unit: str | None
    theme: str | None
    views: int | None
    views_status: str | None = None
    channels: list[Tally]
    silent_channels: list[str] = Field(description="channels in force from which nothing came (R13)")
    respondent_groups: list[Tally]
    themes: list[Tally]
    units: list[Tally]
    sentiment: SentimentOut
    complaints: ComplaintsOut
    compliments: int
    changed: list[str] = Field(description="what changed because of it, in words approved for sharing")
    as_at: datetime
