"""The areas of a funnel with their parts, pooled and labelled by the service's own funnel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.indicator_api.charts.errors import ChartNotPossible
from services.indicator_api.charts.figures import Answer
from services.indicator_api.series.known import PER_CENT
from services.indicator_api.statistics.funnel import Funnel, FunnelKind, FunnelLabel, funnel, limits_at
from shared.schemas.figures import Measure
from shared.schemas.periods import Period

FEWEST = 3
_KINDS = {Measure.percentage: FunnelKind.proportion, Measure.rate: FunnelKind.rate}


@dataclass(frozen=True, slots=True)
class Spot:
    """One area on the chart."""

    code: str
    name: str
    display: str
    numerator: float
    denominator: float


@dataclass(frozen=True, slots=True)
class Field:
    """Everything a funnel is drawn from; `own` and `near` are codes of areas."""

    kind: FunnelKind
    factor: float
    spots: Sequence[Spot]
    found: Funnel
    own: str
    near: Collection[str]

    @property
    def pooled(self) -> float:
        assert self.found.pooled is not None
        return self.found.pooled

    def label(self, code: str) -> FunnelLabel | None:
        return next((item.label for item in self.found.items if item.area == code), None)

    def height(self, spot: Spot) -> float:
        """Where an area lies, in the figure's own unit."""
        return self.factor * spot.numerator / spot.denominator

    def limits(self, denominator: float) -> tuple[float, float, float, float]:
        """Lower and upper at 95%, then at 99.8%, for an area of that size."""
        low, high, low_far, high_far = limits_at(self.kind, self.pooled / self.factor, denominator)
        return low * self.factor, high * self.factor, low_far * self.factor, high_far * self.factor


def field_of(answer: Answer, period: Period, near: Collection[str]) -> Field:
    """The areas whose numerators and denominators are known and fit; raises ChartNotPossible for too few."""
    kind = _kind_for(answer)
    spots = []
    for line in answer.lines:
        point = next((one for one in line.points if one.period == period), None)
        if point is None or point.value is None or point.numerator is None or not point.denominator:
            continue
        fits = 0 <= point.numerator <= point.denominator if kind is FunnelKind.proportion else point.numerator >= 0
        if fits and (kind is FunnelKind.proportion or point.numerator == int(point.numerator)):
            spots.append(Spot(line.code, line.name, point.display, point.numerator, point.denominator))
    if len(spots) < FEWEST:
        detail = f"A funnel needs numerators and denominators of at least {FEWEST} areas for the period; there are"
        raise ChartNotPossible(f"{detail} {len(spots)}.", "comparison")
    factor = PER_CENT if kind is FunnelKind.proportion else float(answer.definition.multiplier or 1)
    items = [(one.code, one.numerator, one.denominator) for one in spots]
    return Field(kind, factor, spots, funnel(kind, items, multiplier=factor), answer.lines[0].code, near)


def _kind_for(answer: Answer) -> FunnelKind:
    """Raises ChartNotPossible for a measure that has no numerators and denominators."""
    kind = _KINDS.get(answer.definition.measure)
    if kind is None:
        detail = "A funnel needs a percentage or a rate with numerators and denominators; this indicator is neither."
        raise ChartNotPossible(detail, "comparison")
    return kind
