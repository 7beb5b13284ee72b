"""Findings and compared loads on the wire."""

from __future__ import annotations

from pydantic import Field

from services.indicator_api.checking.subject import RuleName
from shared.schemas.base import OutModel
from shared.schemas.figures import ValueStatus


class FindingOut(OutModel):
    """One rule that a figure breaks: accepted, but somebody should look."""

    rule: RuleName
    indicator: str
    title: str
    source_system: str
    owner_role: str
    area: str
    area_name: str
    period: str
    breakdown: str | None = Field(description="null is the total")
    value: float | None
    value_status: ValueStatus | None
    display: str
    reference: float | None = Field(
        description="what the figure is set against: the bound, the figure before, what its parts make or add up to"
    )
    parts: list[str] = Field(description="the breakdowns concerned, where parts are")
    sentence: str


class PlaceOut(OutModel):
    area: str
    area_name: str | None


class MoveOut(OutModel):
    """A figure that moved from the period before to this one."""

    area: str
    area_name: str | None
    breakdown: str | None = Field(description="null is the total")
    before: float
    after: float
    change: float
    change_percent: float | None = Field(description="of the figure before; null where that is 0")
    rules: list[RuleName] = Field(description="the rules the figure breaks, `sudden_change` among them where it is one")


class IndicatorLoadOut(OutModel):
    """What came of one indicator for its latest period, beside the period before."""

    indicator: str
    title: str
    source_system: str
    period: str
    previous_period: str | None
    figures: int = Field(description="of the period, breakdowns included")
    figures_before: int = Field(description="of the period before")
    missing: list[PlaceOut] = Field(description="places with figures for the period before and none now")
    new: list[PlaceOut] = Field(description="places with figures now and none for the period before")
    moves: list[MoveOut] = Field(description="the ten biggest, by share of the figure before")
    findings: list[FindingOut] = Field(description="rules broken by figures of the period, the first hundred")
    examined: bool = Field(description="false where there were too many figures to hold them to the rules")


class SourceLoadOut(OutModel):
    source_system: str
    name: str
    indicators: int
    figures: int
    figures_before: int
    missing: int = Field(description="places missing, each counted for each indicator")
    new: int
    findings: int
