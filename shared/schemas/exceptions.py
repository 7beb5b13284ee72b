"""Exceptions (R50): which figures changed significantly or stand out of step, each with its evidence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.figures import Figure
from shared.schemas.series import Interval

Trigger = Literal[
    "SIGNIFICANT_CHANGE", "OUT_OF_STEP_NATIONAL", "OUT_OF_STEP_NEIGHBOURS", "TARGET_NOT_ASSURED", "DATA_LATE"
]


class ExceptionLimits(OutModel):
    mean: float
    lpl: float
    upl: float


class ExceptionComparator(OutModel):
    comparator_set: str | None = Field(default=None, description="null for the funnel of all local authorities")
    version: str | None = None
    value: float | None = None
    mean: float | None = None
    median: float | None = None
    n_available: int
    pooled: float | None = Field(default=None, description="what all areas of the funnel come to together")


Status = Literal["new", "standing", "resolved"]


class ExceptionAnswered(OutModel):
    """The answer that holds for an exception now."""

    by: str
    at: datetime
    explanation: str | None = Field(description="null where it could tell of a figure that is hidden from the caller")
    expected_until: date | None = None


class ExceptionOut(OutModel):
    """One exception; the same inputs give the same row and the same `inputs_hash`."""

    key: str = Field(
        description="stable while the same trigger stands for the same figure",
        examples=["rereferrals.E06000059.RY2025.OUT_OF_STEP_NEIGHBOURS"],
    )
    indicator: str
    title: str
    themed_area: str
    area: str
    area_name: str
    period: str = Field(description="the period of the figure; for DATA_LATE of the first figure that is owed")
    trigger: Trigger
    rule: str = Field(description="the rule that fired: a signal, an interval, a funnel limit, a due date")
    rules: list[str] = Field(default=[], description="every rule of this trigger that fired, `rule` first")
    profile: str | None = None
    direction: Literal["high", "low", "up", "down", "late"]
    favourable: bool | None = None
    figure: Figure
    display: str
    numerator: float | None = Field(default=None, description="the count behind the figure, if the caller may see it")
    denominator: float | None = None
    previous: Figure | None = None
    limits: ExceptionLimits | None = None
    interval: Interval | None = None
    comparator: ExceptionComparator | None = None
    target: float | None = None
    n: int = Field(description="the figures the rule rests on, the members of the set, or how many figures are owed")
    trial_limits: bool = False
    suppressed: bool = Field(default=False, description="something behind this row was hidden from this caller")
    new: bool = Field(
        description="the same trigger and direction did not stand at the end of the period before the one asked for; a"
        " figure counts as known from its due date, or where a later one is here, from the end of its period"
    )
    inputs_hash: str
    sentence: str
    status: Status = Field(default="standing", description="resolved: it stood at the end of the period before")
    owner_role: str | None = Field(default=None, description="the role that answers for the indicator")
    definition_version: int | None = Field(
        default=None, description="the definition its figure was recorded under and is judged by"
    )
    raised_at: datetime | None = Field(default=None, description="since when it has stood in this direction")
    first_raised_period: str | None = Field(default=None, description="the period of the figure that first raised it")
    unanswered_days: int | None = Field(
        default=None, description="how long it has stood unanswered; null while an answer holds, or once resolved"
    )
    answered: ExceptionAnswered | None = None
    allowed_actions: list[Literal["answer"]] = []


class ExaminedArea(OutModel):
    """One of the places looked at."""

    area: str
    name: str
    indicators_examined: int


class ExceptionsOut(OutModel):
    period: str
    area: str = Field(description="the first of the places looked at")
    as_at: datetime
    indicators_examined: int = Field(description="in all places together")
    areas: list[ExaminedArea] = []
    items: list[ExceptionOut]
    resolved: list[ExceptionOut] = Field(
        default=[], description="what stood at the end of the period before and does so no more; on the first page"
    )
    next: str | None = Field(default=None, description="give this as `after` for the next page; null at the end")
