"""One measure as a board reads it: figure, trend, target, comparators and teams."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.figures import ValueStatus

Rag = Literal["green", "amber", "red", "none"]
Travel = Literal["improving", "worsening", "no_change", "rising", "falling", "unknown"]


class Comparison(OutModel):
    """The figure beside one comparator for the same period: a single area's value, or a set's mean and median."""

    comparator_set: str
    name: str
    kind: str | None = Field(default=None, description="of the set: nation, region, statistical_neighbours, ...")
    set_version: str
    period: str
    value: float | None = None
    mean: float | None = None
    median: float | None = None
    best: float | None = Field(default=None, description="the best of the set's members, where either way is better")
    average_display: str | None = Field(default=None, description="the value, or the mean of the set, as it is read")
    best_display: str | None = None
    display: str = Field(examples=["70.0", "mean 60.1, median 58.9 of 10"])
    n_available: int
    n_members: int
    outcome: str | None = Field(default=None, description="better, similar, worse, higher or lower, where known")


class EarlierFigure(OutModel):
    period: str
    label: str
    value: float | None
    value_status: ValueStatus | None = None
    display: str
    changed_from: str | None = Field(default=None, description="what this board was shown for it before, if another")


class TrendPoint(EarlierFigure):
    """One period of the trend, with the control limits it is judged by where the series has them (METHODS 2.1)."""

    mean: float | None = None
    lower_limit: float | None = None
    upper_limit: float | None = None
    trial_limits: bool = Field(default=False, description="the limits rest on fewer than 13 points")
    signal: str | None = Field(default=None, description="what the control chart says of this point, where it speaks")
    target: float | None = None
    provisional: bool = False
    break_before: str | None = Field(default=None, description="why it must not be read on from the points before it")


class TopQuartile(OutModel):
    """Where the best quarter of all authorities begins for the same period, and where the figure stands in them."""

    value: float
    display: str
    reached: bool | None = Field(default=None, description="whether the figure is in it; null where it is hidden")
    band: str | None = Field(default=None, description="A is the best quarter of authorities, D the last")
    rank: int | None = None
    n_authorities: int


class UnitFigure(OutModel):
    """One team's figure for the same period."""

    unit: str
    name: str
    value: float | None
    value_status: ValueStatus | None = None
    display: str
    before_display: str | None = Field(default=None, description="its figure of the period before")
    direction_of_travel: Travel = "unknown"
    direction_words: str = ""
    signal: str | None = None


class BoardFigure(OutModel):
    """One measure as a board reads it.

    The table councils print is one row per figure: `title`, `good_is_words`, `previous` (the last three periods),
    `display`, `year_end`, `target_display` with its tolerance, `rag_words`, `direction_words`, of `comparisons` the
    neighbours' `average_display` and `best_display` and the nation's, `top_quartile`, and `changed_since_last_report`.
    """

    indicator: str
    title: str
    area: str
    period: str
    period_label: str
    value: float | None
    value_status: ValueStatus | None = None
    status_words: str | None = Field(default=None, description="what its symbol means", examples=["hidden: small"])
    display: str
    unit: str
    measure: str
    good_is: Literal["high", "low", "no_judgement"]
    good_is_words: str = Field(default="", description="what good performance is", examples=["high", "low", "neither"])
    themed_area: str | None = None
    focus_area: str | None = None
    previous: list[EarlierFigure] = Field(default=[], description="up to three earlier periods, latest first")
    year_end: EarlierFigure | None = Field(
        default=None, description="the last figure of the financial or school year before, of a measure within years"
    )
    trend: list[TrendPoint] = Field(default=[], description="up to twelve periods, oldest first, this one the last")
    direction_of_travel: Travel
    direction_words: str = Field(default="", examples=["improving", "no change", "not known"])
    signal: str | None = Field(default=None, description="what the control chart says of this point, where it speaks")
    assurance_words: str | None = Field(
        default=None, description="whether the process as it runs can be expected to meet its target"
    )
    target: float | None = None
    tolerance: float | None = Field(default=None, description="how far from the target is amber and not yet red")
    target_display: str | None = None
    rag: Rag = "none"
    rag_words: str = Field(default="", examples=["green: meets the target", "no target"])
    comparisons: list[Comparison] = []
    top_quartile: TopQuartile | None = None
    units: list[UnitFigure] = Field(default=[], description="team by team, where the section shows teams")
    focus_why: str | None = Field(default=None, description="why a Head of Service asks the board to look at it (R49)")
    sentence: str
    changed_since_last_report: str | None = Field(
        default=None, description="what this board was shown for the same period before, where it has changed"
    )
    caveats: list[str] = []
