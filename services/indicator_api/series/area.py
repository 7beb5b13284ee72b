"""One area's part of an answer: its figures with intervals and labels, control limits and breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.indicator_api.definitions import Definition
from services.indicator_api.series.chart import Break, breaks_of, chart_of, target_for
from services.indicator_api.series.known import CONFIDENCE, Known, interval_of
from services.indicator_api.series.places import Place
from services.indicator_api.series.queries import TOTAL
from services.indicator_api.series.wording import shown
from services.indicator_api.statistics.intervals import Interval
from services.indicator_api.statistics.spc import Analysis, ChartPoint, Segment


def area_of(
    editions: Mapping[int, Definition], definition: Definition, place: Place, figures: Sequence[Known], breakdown: str
) -> dict[str, Any]:
    breaks = breaks_of(place, figures)
    chart = chart_of(definition, figures, breaks)
    charted = {point.period: point for point in chart.points} if chart else {}
    return {
        "area": place.code,
        "name": place.name,
        "breakdown": None if breakdown == TOTAL else breakdown,
        "points": [_point(editions[one.version], one, charted) for one in figures],
        "segments": _segments(chart),
        "assurance": chart.assurance if chart else None,
        "breaks": [_break(one) for one in breaks],
    }


def _point(definition: Definition, one: Known, chart: Mapping[str, ChartPoint]) -> dict[str, Any]:
    code = one.period.code
    charted = chart.get(code)
    label = charted.label if charted else None
    # Words rather than members of enumerations, which take four times as long to write out.
    return {
        "value": one.value,
        "value_status": one.status and one.status.value,
        "period": code,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "display": shown(definition, one.value, one.status),
        "provisional": one.provisional,
        "revised": one.revised,
        "interval": _interval(interval_of(definition, one, CONFIDENCE)),
        "label": label and label.value,
        "rules": [rule.value for rule in charted.rules] if charted and charted.rules else (),
        "target": target_for(definition, one.period),
        "units": one.units,
        "recorded_for": one.recorded_for,
        "derived": one.derived,
    }


def _interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else {"confidence": CONFIDENCE, "lower": found.lower, "upper": found.upper}


def _segments(chart: Analysis | None) -> list[dict[str, Any]]:
    return [_segment(one) for one in chart.segments] if chart else []


def _segment(one: Segment) -> dict[str, Any]:
    return {
        "from": one.first,
        "to": one.last,
        "n": one.n,
        "mean": one.mean,
        "lpl": one.lpl,
        "upl": one.upl,
        "near_lpl": one.near_lpl,
        "near_upl": one.near_upl,
        "trial_limits": one.trial_limits,
        "reason": one.reason,
    }


def _break(one: Break) -> dict[str, Any]:
    return {"period": one.period.code, "reason": one.reason, "predecessor": one.predecessor, "renamed": one.renamed}
