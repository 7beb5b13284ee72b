"""A file compared with what is stored, on the wire."""

from __future__ import annotations

from pydantic import Field

from services.indicator_api.checking.schemas import IndicatorLoadOut, SourceLoadOut
from services.indicator_api.observations.schemas import ImportFaults
from shared.schemas.base import OutModel
from shared.schemas.figures import ValueStatus


class ComparedIndicatorOut(IndicatorLoadOut):
    """One indicator of the file; created, restated and same count its figures of every period."""

    periods: int = Field(description="how many periods the file has figures of")
    created: int = Field(description="figures whose key has none yet")
    restated: int = Field(description="figures that would change the value, symbol, numerator or denominator stored")
    same: int


class ComparedRestatementOut(OutModel):
    """A stored figure that the file would change; a number left out is not kept from what is stored."""

    row: int
    indicator: str
    area: str
    period: str
    breakdown: str | None
    before: float | None
    before_status: ValueStatus | None
    before_numerator: float | None
    before_denominator: float | None
    after: float | None
    after_status: ValueStatus | None
    after_numerator: float | None
    after_denominator: float | None
    change: float | None
    change_percent: float | None


class DuplicateOut(OutModel):
    """A key that stands more than once in the file."""

    indicator: str
    area: str
    period: str
    breakdown: str | None
    rows: list[int] = Field(description="the first ten")
    contradictory: bool = Field(description="they say different things: an import would refuse them")


class LoadComparisonOut(ImportFaults):
    """What a file would bring; nothing of it was stored. Of a key that stands twice the first row counts."""

    rows: int
    rejected: int
    figures: int
    created: int
    restated: int
    same: int
    duplicate_keys: int
    duplicates: list[DuplicateOut] = Field(description="the first hundred")
    sources: list[SourceLoadOut]
    indicators: list[ComparedIndicatorOut]
    restatements: list[ComparedRestatementOut] = Field(description="the hundred greatest")
