"""What the calculators answer, with every choice that was made named beside the result."""

from __future__ import annotations

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.figures import Assurance, BenchmarkOutcome, QuartileBand, SpcLabel, SpcProfile, SpcRule


class SpcSegmentOut(OutModel):
    first: str = Field(serialization_alias="from", validation_alias="from")
    last: str = Field(serialization_alias="to", validation_alias="to")
    n: int = Field(description="how many values it has")
    n_limits: int = Field(description="how many of them the limits rest on")
    mean: float | None
    lpl: float | None
    upl: float | None
    near_lpl: float | None
    near_upl: float | None
    trial_limits: bool = Field(description="the limits rest on fewer than 13 values")
    reason: str | None = Field(description="why nothing is signalled: `too_few_points` or `no_variation`")


class SpcPointOut(OutModel):
    period: str
    value: float | None
    label: SpcLabel | None
    rules: list[SpcRule]


class SpcOut(OutModel):
    segments: list[SpcSegmentOut]
    points: list[SpcPointOut]
    assurance: Assurance | None
    profile: SpcProfile
    moving_ranges_screened: bool


class IntervalOut(OutModel):
    value: float | None
    lower: float | None
    upper: float | None


class IntervalsOut(OutModel):
    method: str
    confidence: float
    multiplier: float
    items: list[IntervalOut]


class FunnelItemOut(OutModel):
    area: str
    value: float | None
    lower_0_025: float | None
    upper_0_025: float | None
    lower_0_001: float | None
    upper_0_001: float | None
    label: str | None = Field(examples=["high_0.001", "high_0.025", "within", "low_0.025", "low_0.001"])


class FunnelOut(OutModel):
    pooled_value: float | None
    n_pooled: int = Field(description="how many items were pooled: those with both numbers and a denominator above 0")
    items: list[FunnelItemOut]
    limits_around_pooled: bool = Field(
        description="true: lines around the pooled value; false: the item's own limits, which it may lie outside of"
    )
    sigma_z: float | None = Field(description="Laney's factor; above 1 there is more between areas than chance")


class GroupOut(OutModel):
    """Of the members with a value."""

    n_members: int
    n_available: int
    mean: float | None
    median: float | None
    minimum: float | None
    maximum: float | None
    best: float | None = Field(description="null where neither direction is good")
    outcome_of_mean: BenchmarkOutcome
    outcome_of_median: BenchmarkOutcome


class BenchmarkOut(OutModel):
    outcome: BenchmarkOutcome = Field(description="against the reference")
    group: GroupOut | None


class TrendOut(OutModel):
    significant: bool
    rising: bool | None
    slope: float | None = Field(description="a year")
    chi_square: float | None
    label: SpcLabel | None
    reason: str | None = Field(description="why nothing was tested: `not_five_years_in_a_row` or `no_interval`")


class RankedOut(OutModel):
    area: str
    value: float | None
    band: QuartileBand | None
    rank: int | None


class QuartilesOut(OutModel):
    """Quartiles by R's type 7; bands and ranks need a judgement."""

    n: int
    q0: float | None
    q1: float | None
    q2: float | None
    q3: float | None
    q4: float | None
    items: list[RankedOut]
