"""A series of figures as the indicator service gives it and boards, charts and reports read it."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.figures import (
    Assurance,
    BenchmarkOutcome,
    Figure,
    Measure,
    Polarity,
    SpcLabel,
    SpcRule,
    ValueStatus,
)


class Interval(OutModel):
    """A confidence interval in the figure's own unit."""

    confidence: float = Field(examples=[0.95, 0.998])
    lower: float
    upper: float


class SeriesPoint(Figure):
    """One period's figure with what the statistics say of it."""

    period: str
    numerator: float | None = None
    denominator: float | None = None
    display: str = Field(description="the figure as a person reads it, symbol included")
    provisional: bool = False
    revised: bool = Field(default=False, description="an earlier value was published for this period")
    interval: Interval | None = None
    label: SpcLabel | None = None
    rules: list[SpcRule] = []
    target: float | None = None
    units: int | None = Field(
        default=None, description="how many units below it was summed from, where it has no figure of its own"
    )
    units_missing: int | None = Field(
        default=None,
        description="how many teams beside those it was summed from were there and had sent no figure up to then: above"
        " 0 it may be a part of the whole; a team that will never have one says so with a `z`",
    )
    recorded_for: str | None = Field(
        default=None, description="the unit it stands under, where that was renamed since; only with `continued`"
    )
    derived: bool = Field(default=False, description="made of other indicators, where it has no figure of its own")


class SeriesSegment(OutModel):
    """Control limits between two rebases (XmR, METHODS 2.1); null where there are too few points for them."""

    first: str = Field(serialization_alias="from", validation_alias="from")
    last: str = Field(serialization_alias="to", validation_alias="to")
    n: int
    mean: float | None
    lpl: float | None
    upl: float | None
    near_lpl: float | None
    near_upl: float | None
    trial_limits: bool
    reason: str | None = Field(default=None, description="why nothing is signalled: `too_few_points` or `no_variation`")


class SeriesBreak(OutModel):
    """Where a series must not be read across: the area's footprint, the unit or the definition changed."""

    period: str = Field(description="the first period after the break")
    reason: str
    predecessor: str | None = Field(default=None, description="the area or unit that held the earlier figures")
    renamed: bool = Field(
        default=False, description="whether all of the predecessor became all of this unit from one day to the next"
    )


class AreaSeries(OutModel):
    area: str
    name: str
    breakdown: str | None
    points: list[SeriesPoint]
    segments: list[SeriesSegment] = []
    assurance: Assurance | None = None
    breaks: list[SeriesBreak] = []


class ComparatorPoint(OutModel):
    """The comparator set's summary for one period, without the first area if it is a member.

    `value` is the single area's where the set has one member; the others are of the members with a figure.
    """

    period: str
    value: float | None = None
    value_status: ValueStatus | None = None
    mean: float | None = None
    median: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    best: float | None = None
    n_available: int
    n_members: int
    in_force: bool = Field(default=True, description="whether this edition of the set applies to the period")
    outcome: BenchmarkOutcome | None = Field(
        default=None,
        description="of the first area, where it has an interval; against neighbours it excludes mean and median both",
    )


class ComparatorSeries(OutModel):
    comparator_set: str
    name: str
    version: str
    kind: str
    points: list[ComparatorPoint]


class HiddenFigure(OutModel):
    area: str
    period: str


class IndicatorSeries(OutModel):
    """Everything about one indicator in one answer."""

    indicator: str
    version: int
    title: str
    unit: str
    measure: Measure
    polarity: Polarity
    decimal_places: int
    series_kind: str
    areas: list[AreaSeries]
    comparators: list[ComparatorSeries] = []
    caveats: list[str] = []
    as_at: datetime
    latest_recorded_at: datetime | None = None


class MarkedSeries(IndicatorSeries):
    """A series as a pack brings it."""

    hidden: list[HiddenFigure] | None = Field(
        default=None,
        description="with `marked`, for whoever sees true figures: those that callers without that scope do not see",
    )


class SeriesPack(OutModel):
    """Many indicators in one answer, each as its own question gives it; for a board pack or a wall of charts."""

    items: list[MarkedSeries]
    unknown: list[str] = Field(default=[], description="codes asked for that no indicator has")
    as_at: datetime
    latest_recorded_at: datetime | None = None
