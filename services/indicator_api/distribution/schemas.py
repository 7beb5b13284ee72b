"""How a count is made up, on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.figures import Figure, Measure


class ValueOut(OutModel):
    """One value of the dimension, in the order of the definition: for grades the best first, as they are listed."""

    code: str
    label: str


class DimensionOut(OutModel):
    code: str
    title: str
    framework: str | None = Field(description="of grades: what they were given under; others are not comparable")
    values: list[ValueOut]


class PartOut(Figure):
    """The figure of one value; what nobody sent is `x`, never 0."""

    code: str
    display: str
    share: float | None = Field(description="of the total, in per cent; null where either is not known")


class TotalOut(Figure):
    display: str
    summed: bool = Field(description="no total was sent, so it is the sum of the parts")


class PeriodOut(OutModel):
    period: str
    parts: list[PartOut] = Field(description="one for each value; where complete, the shares add up to 100")
    total: TotalOut
    unaccounted: float | None = Field(description="total less parts; null where a part or the total is not known")
    complete: bool = Field(description="every part is known and they add up to the total")
    provisional: bool


class AreaDistribution(OutModel):
    area: str
    name: str
    periods: list[PeriodOut]


class DistributionOut(OutModel):
    """An indicator's total by the values of one dimension, period by period."""

    indicator: str
    version: int
    title: str
    unit: str
    measure: Measure
    dimension: DimensionOut
    areas: list[AreaDistribution]
    as_at: datetime
