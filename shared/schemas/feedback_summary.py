"""What the feedback service tells of a period: whose voices were heard, and complaints and compliments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import Count, OutModel

Hidden = Literal["c"]
Level = Literal["whole_service", "segment", "local_office", "individual"]


class Tally(OutModel):
    """A count of people's contributions; null with status `c` where it would single someone out."""

    code: str
    title: str
    count: Count | None
    value_status: Hidden | None = None
    family: str | None = Field(default=None, description="children_and_families, staff or partners, where it has one")


class SentimentOut(OutModel):
    """How the recorders understood the views; `c` where any of the four is hidden."""

    positive: Count | None
    mixed: Count | None
    negative: Count | None
    not_given: Count | None
    value_status: Hidden | None = None


class RatingOut(OutModel):
    """Satisfaction where it was asked for, from 1 to 5."""

    given: Count | None
    mean: float | None = Field(description="null where nobody gave one, or hidden")
    value_status: Hidden | None = None


class StageTally(OutModel):
    """The stages that began in the period, as they stand now; told to those who see true figures."""

    procedure: str
    stage: str
    title: str
    open: Count | None
    closed: Count | None
    within_statutory: Count | None = Field(description="ended in time, or open and in time; null and no `c`: no limit")
    past_statutory: Count | None
    within_target: Count | None = Field(default=None, description="the same by the council's own target")
    past_target: Count | None = None
    value_status: Hidden | None = None


class ComplaintsOut(OutModel):
    """Counts are null where they are hidden; then `value_status` is `c`.

    Without true figures the complaints received are told by where they stand, and nothing that counts the same ones in
    another way: stages, earlier ones, overdue ones, learning.
    """

    received: Count | None = Field(description="received in the period")
    refused: Count | None = Field(default=None, description="of those received, not taken up")
    open: Count | None = Field(description="of those received, still open")
    open_earlier: Count | None = Field(default=None, description="received before the period and still open")
    overdue: Count | None = Field(default=None, description="open, received by the period's end, past their limit")
    stages: list[StageTally]
    outcomes: dict[str, Count | None] = Field(description="of those received and closed; `not_recorded` has none yet")
    learning_missing: Count | None = Field(
        description="closed in the period, upheld or partly upheld, without learning or improvement (R60)"
    )
    value_status: Hidden | None = None


class IndividualOut(OutModel):
    """One record of those a summary counts, without its words."""

    kind: Literal["view", "complaint", "compliment"]
    ref: str = Field(description="the view's id, or the reference of the complaint or compliment")
    on: date
    unit: str
    respondent_group: str | None
    themes: list[str]


class FeedbackSummary(OutModel):
    """A period's feedback. With `protected`, small numbers and what would give them away are hidden."""

    period: str
    start: date
    end: date
    unit: str | None
    theme: str | None
    protected: bool = Field(description="the caller lacks feedback:figures")
    views: Count | None
    views_status: Hidden | None = None
    channels: list[Tally] = Field(description="every channel in force, silent ones with 0")
    silent_channels: list[str] = Field(
        description="channels in force from which nothing came, whatever the theme (R13)"
    )
    silent_channels_status: Hidden | None = Field(
        default=None, description="`c`: not told, since on a narrowed query hidden and absent look alike"
    )
    respondent_groups: list[Tally]
    themes: list[Tally]
    units: list[Tally] = Field(description="by the unit each view was recorded for, or at the level asked for")
    sentiment: SentimentOut
    rating: RatingOut
    complaints: ComplaintsOut
    compliments: Count | None
    compliments_status: Hidden | None = None
    changed: list[str] = Field(
        description="what complaints closed in the period taught, in words a second person approved for boards"
    )
    as_at: datetime = Field(description="the moment whose state this is; protected figures are told once a quarter")
    level: Level | None = Field(default=None, description="the level asked for (R17)")
    individuals: list[IndividualOut] = Field(default=[], description="at the individual level: the newest, at most 200")
    withheld: str | None = Field(default=None, description="why nothing is told to this caller, where nothing is")
    told_from: date | None = Field(default=None, description="the day from which a protected figure is told")
