"""One area's part of an answer: its figures with intervals and labels, control limits and breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from pydantic_core import to_json

from services.indicator_api.definitions import Definition
from services.indicator_api.series.chart import Break, breaks_of, chart_of
from services.indicator_api.series.known import Known
from services.indicator_api.series.places import Place
from services.indicator_api.series.points import PointWriter, charted_in
from services.indicator_api.series.queries import TOTAL
from services.indicator_api.statistics.spc import Analysis, Segment


def write_area(
    writers: Mapping[int, PointWriter],
    definition: Definition,
    place: Place,
    figures: Sequence[Known],
    breakdown: str,
    newest: int | None = None,
) -> bytes:
    """The area as `AreaSeries` describes it, in JSON; of its points the `newest` alone, where so many are wanted."""
    breaks = breaks_of(place, figures)
    chart = chart_of(definition, figures, breaks)
    charted = charted_in(chart)
    told = figures if newest is None else figures[-newest:]
    points = [
        point for version, run in groupby(told, attrgetter("version")) for point in writers[version].write(run, charted)
    ]
    before = {"area": place.code, "name": place.name, "breakdown": None if breakdown == TOTAL else breakdown}
    after = {
        "segments": _segments(chart),
        # The word rather than the member of an enumeration, which takes four times as long to write out.
        "assurance": chart.assurance and chart.assurance.value if chart else None,
        "breaks": [_break(one) for one in breaks],
    }
    return to_json(before)[:-1] + b',"points":[' + ",".join(points).encode() + b"]," + to_json(after)[1:]


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
