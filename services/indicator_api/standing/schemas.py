"""Where a figure stands on the wire: beside each reference, among all authorities, and as strength or attention."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.figures import BenchmarkOutcome, Measure, Polarity, QuartileBand, ValueStatus
from shared.schemas.series import Interval

NotCompared = Literal[
    "withheld", "not_for_this_area", "not_in_force", "no_figure", "no_reference", "no_interval", "too_few_authorities"
]
NotRanked = Literal["no_benchmark", "not_an_authority", "no_figure", "too_few_authorities", "no_judgement"]


class Standing(StrEnum):
    """What a latest value is to a board (R48)."""

    strength = "strength"
    attention = "attention"
    neutral = "neutral"


class NamedArea(OutModel):
    area: str = Field(description="the ONS code", examples=["E06000051"])
    name: str


class UnavailableOut(NamedArea):
    """A member without a figure to set beside, and why: its symbol, or a figure under another definition."""

    value_status: ValueStatus
    other_definition: bool = Field(description="there is a figure, counted in another way")


class ReferenceOut(OutModel):
    """One number the figure is set against."""

    reference: Literal["value", "mean", "median"]
    value: float
    difference: float | None = Field(description="the figure less the reference, in the figure's own unit")
    outcome: BenchmarkOutcome


class StandingComparisonOut(OutModel):
    """The figure beside one comparator set, of the very same period; the area itself is never a member.

    `value` is the single area's where the set has one member; the others are of the members with a figure.
    """

    comparator_set: str = Field(examples=["dfe_neighbours_2025"])
    name: str
    kind: str = Field(description="the kind of the set; `all_authorities` for every authority there was")
    version: str = Field(description="the edition of the set, in its publisher's words")
    framework_version: int | None = Field(
        description="with it `/v1/comparators/{code}?framework_version=` gives the members as they were"
    )
    in_force: bool = Field(description="whether this edition applies to the period")
    value: float | None = None
    value_status: ValueStatus | None = None
    mean: float | None = Field(default=None, description="arithmetic, as in the LAIT")
    median: float | None = Field(default=None, description="as in DfE's dashboards")
    minimum: float | None = None
    maximum: float | None = None
    best: float | None = None
    best_areas: list[NamedArea] = Field(default=[], description="whose figure the best one is")
    n_available: int
    n_members: int
    unavailable: list[UnavailableOut] = Field(
        default=[], description="members without a figure; not listed of `all_authorities`"
    )
    references: list[ReferenceOut] = []
    outcome: BenchmarkOutcome = Field(
        description="better or worse only where the 95% interval excludes every reference on the same side"
    )
    not_compared_because: NotCompared | None = None
    detail: str | None = Field(default=None, description="why this comparison must not be made")


class RankingOut(OutModel):
    """Among all authorities there were on the last day of the period (R type 7); rank 1 is best, ties share it.

    Given where at least half of them have a figure: a rank among a few is none.
    """

    rank: int | None = None
    tied: int | None = Field(default=None, description="how many others have the very same figure")
    band: QuartileBand | None = None
    q0: float | None = None
    q1: float | None = None
    q2: float | None = None
    q3: float | None = None
    q4: float | None = None
    n_available: int
    n_authorities: int
    not_ranked_because: NotRanked | None = None


class PositionOut(OutModel):
    """One figure of one area and everything it can be set against."""

    indicator: str
    title: str
    unit: str
    measure: Measure
    polarity: Polarity
    decimal_places: int
    themed_area: str
    reportable: bool = Field(description="an official body publishes it, or it is in a plan of the council")
    definition_version: int
    area: str
    area_name: str
    breakdown: str | None
    period: str | None = Field(description="null where there is no figure of any period")
    value: float | None
    value_status: ValueStatus | None
    display: str
    numerator: float | None
    denominator: float | None
    provisional: bool
    revised: bool
    units: int | None = Field(description="how many units below it was summed from, where it has no figure of its own")
    units_missing: int | None = Field(
        description="how many more teams there are that have sent no figure: above 0 it may be a part of the whole"
    )
    interval: Interval | None
    target: float | None
    comparators: list[StandingComparisonOut]
    among_authorities: RankingOut
    no_benchmark_reason: str | None


class PositionsOut(OutModel):
    """One indicator's figure in each of the areas asked for, in that order."""

    as_at: datetime
    items: list[PositionOut]


class ReasonOut(OutModel):
    """Why a figure stands where it does."""

    code: str = Field(examples=["BETTER_THAN_NATION"])
    favourable: bool | None
    text: str
    exception: str | None = Field(default=None, description="the key of the exception it is, at `/v1/exceptions/{key}`")


class StandingOut(OutModel):
    """One indicator's latest value as a strength, for attention, or neutral, with every reason (R48)."""

    indicator: str
    title: str
    themed_area: str
    focus_area: str
    information_type: str
    reportable: bool
    published_by: str | None
    plans: list[str]
    area: str
    area_name: str
    period: str | None
    value: float | None
    value_status: ValueStatus | None
    display: str
    target: float | None
    band: QuartileBand | None
    rank: int | None
    standing: Standing
    reasons: list[ReasonOut]


class StandingCounts(OutModel):
    strength: int
    attention: int
    neutral: int


class StandingsOut(OutModel):
    """`counts` are of every indicator asked about, whatever the page and the standing asked for."""

    area: str
    area_name: str
    as_at: datetime
    counts: StandingCounts
    items: list[StandingOut]
    next: str | None
