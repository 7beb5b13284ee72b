"""Seasonal series: August is set beside earlier Augusts, never beside July (METHODS 2.2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from services.indicator_api.definitions import Definition
from services.indicator_api.series.chart import Break, target_for
from services.indicator_api.series.known import Known
from services.indicator_api.statistics.spc import ChartEnd, end_of
from shared.schemas.figures import Measure
from shared.schemas.framework.indicators import SeriesKind


def is_seasonal(definition: Definition) -> bool:
    return definition.content["series_kind"] == SeriesKind.seasonal and definition.measure is not Measure.ordinal


def same_season(figures: Sequence[Known]) -> list[Known]:
    """The figures of the latest one's month, quarter or term in this and earlier years."""
    latest = figures[-1].period
    return [one for one in figures if (one.period.kind, one.period.part) == (latest.kind, latest.part)]


def season_end(definition: Definition, alike: Sequence[Known], breaks: Collection[Break]) -> ChartEnd:
    """The end of the chart of one season over the years; a year without a figure is a gap, a break starts anew."""
    starts = {one.period for one in breaks}
    points: list[tuple[str, float | None]] = [(alike[0].period.code, alike[0].value)]
    rebases: set[str] = set()
    for before, one in pairwise(alike):
        if one.period.year != before.period.year + 1:
            points.append((f"before {one.period.code}", None))
        if any(before.period < start <= one.period for start in starts):
            rebases.add(one.period.code)
        points.append((one.period.code, one.value))
    return end_of(points, definition.polarity, rebase_at=rebases, target=target_for(definition, alike[-1].period))
