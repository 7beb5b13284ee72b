"""Points of a series written straight to JSON; what the same numbers say by themselves is written once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pydantic_core import to_json

from services.indicator_api.definitions import Definition
from services.indicator_api.series.chart import target_for
from services.indicator_api.series.known import CONFIDENCE, Known, interval_of
from services.indicator_api.series.wording import shown
from services.indicator_api.statistics.spc import Analysis, ChartPoint
from shared.schemas.figures import SpcLabel, SpcRule
from shared.schemas.periods import Period

_NOT_CHARTED = ChartPoint("", None, None, (), None, 0)
_LABELS: dict[SpcLabel | None, str] = {None: "null"} | {label: f'"{label}"' for label in SpcLabel}
_TRUTH = ("false", "true")
_MOST_KEPT = 10_000


class PointWriter:
    """Writes points as `SeriesPoint` describes them, under the definition their figures were recorded under."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._targets: dict[str, str] = {}
        # By its numbers: the figure up to its period, and from there to what a chart says of it.
        self._figures: dict[tuple[Any, ...], tuple[str, str]] = {}

    def write(self, figures: Iterable[Known], charted: Mapping[str, ChartPoint]) -> list[str]:
        """Each of the figures with what the chart says of its period."""
        written = []
        for one in figures:
            key = (one.value, one.status, one.numerator, one.denominator, one.provisional, one.revised)
            found = self._figures.get(key)
            before, after = found or self._figure(key, one)
            period = one.period
            target = self._targets.get(period.code) or self._target(period)
            point = charted.get(period.code, _NOT_CHARTED)
            label, rules = _LABELS[point.label], _rules(point.rules)
            written.append(f'{before}{period.code}{after}{label},"rules":{rules},"target":{target}{_origin(one)}')
        return written

    def _target(self, period: Period) -> str:
        found = self._targets[period.code] = _json(target_for(self._definition, period))
        return found

    def _figure(self, key: tuple[Any, ...], one: Known) -> tuple[str, str]:
        if len(self._figures) >= _MOST_KEPT:
            self._figures.clear()
        interval = interval_of(self._definition, one, CONFIDENCE)
        # Words rather than members of enumerations, which take four times as long to write out.
        before = {"value": one.value, "value_status": one.status and one.status.value}
        after = {
            "numerator": one.numerator,
            "denominator": one.denominator,
            "display": shown(self._definition, one.value, one.status),
            "provisional": one.provisional,
            "revised": one.revised,
            "interval": interval and {"confidence": CONFIDENCE, "lower": interval.lower, "upper": interval.upper},
        }
        found = self._figures[key] = f'{_json(before)[:-1]},"period":"', f'",{_json(after)[1:-1]},"label":'
        return found


def charted_in(chart: Analysis | None) -> dict[str, ChartPoint]:
    """The points of a chart by their period."""
    return {point.period: point for point in chart.points} if chart else {}


def _origin(one: Known) -> str:
    if one.units is None and one.recorded_for is None and not one.derived:
        return ',"units":null,"units_missing":null,"recorded_for":null,"derived":false}'
    missing = "null" if one.units is None else one.silent
    summed = f'"units":{_json(one.units)},"units_missing":{missing}'
    return f',{summed},"recorded_for":{_json(one.recorded_for)},"derived":{_TRUTH[one.derived]}}}'


@lru_cache
def _rules(found: tuple[SpcRule, ...]) -> str:
    """There are four rules, so that only a few of these lists are ever written."""
    return _json([rule.value for rule in found])


def _json(one: object) -> str:
    return to_json(one).decode()
