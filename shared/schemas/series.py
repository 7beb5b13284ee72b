"""A series of figures as the indicator service gives it and boards, charts and reports read it."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.figures import Assurance, BenchmarkOutcome, Figure, Measure, Polarity, SpcLabel, SpcRule


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


class SeriesSegment(OutModel):
    """Control limits between two rebases (XmR, METHODS 2.1)."""

    first: str = Field(serialization_alias="from", validation_alias="from")
    last: str = Field(serialization_alias="to", validation_alias="to")
    n: int
    mean: float
    lpl: float
    upl: float
    near_lpl: float
    near_upl: float
    trial_limits: bool


class SeriesBreak(OutModel):
    """Where a series must not be read across: the area's footprint or the definition changed."""

    period: str = Field(description="the first period after the break")
    reason: str
    predecessor: str | None = Field(default=None, description="the area that held the earlier figures")


class AreaSeries(OutModel):
    area: str
    name: str
    breakdown: str | None
    points: list[SeriesPoint]
    segments: list[SeriesSegment] = []
    assurance: Assurance | None = None
    breaks: list[SeriesBreak] = []


class ComparatorPoint(OutModel):
    """The comparator set's summary for one period; `value` is the single area's where the set has one member."""

    period: str
    value: float | None = None
    mean: float | None = None
    median: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    best: float | None = None
    n_available: int
    n_members: int
    outcome: BenchmarkOutcome | None = Field(default=None, description="of the first area, where it has an interval")


class ComparatorSeries(OutModel):
    comparator_set: str
    name: str
    version: str
    kind: str
    points: list[ComparatorPoint]


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
