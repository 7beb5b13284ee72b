"""What of many series with the same periods is worth looking at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.change import may_trend
from services.indicator_api.exceptions.frame import Scope
from services.indicator_api.exceptions.screen import Mask, Matrix, may_signal
from services.indicator_api.exceptions.seasons import is_seasonal
from services.indicator_api.series.chart import neighbour, target_for
from services.indicator_api.series.places import Place
from services.indicator_api.statistics.trend import YEARS
from shared.schemas.figures import Polarity
from shared.schemas.periods import Period


def is_plain(definition: Definition, place: Place, periods: Sequence[Period], *, one_version: bool) -> bool:
    """Whether the screen can judge it: one stretch without breaks, as defined now, no seasons, no trend of years."""
    begun = place.predecessors and place.valid_from and last_day(periods[0]) < place.valid_from
    if not one_version or is_seasonal(definition) or place.successors or begun:
        return False
    return not (may_trend(definition) and len(periods) >= YEARS)


def signals(
    definitions: Sequence[Definition], scope: Scope, periods: Sequence[Period], values: Matrix
) -> tuple[Mask, Mask]:
    """Which rows may signal on the day of the scope, and which on the earlier day; a row for each definition."""
    now = _may_signal(definitions, periods, values)
    end = end_before(scope, periods)
    if not end:
        return now, now
    before = _may_signal(definitions, periods[:end], values[:, :end])
    # A latest figure without a value neither raises nor ends anything.
    return now, (before | now) & ~np.isnan(values[:, -1])


def end_before(scope: Scope, periods: Sequence[Period]) -> int:
    """How many figures can have been known on the earlier day, where they may be fewer than now."""
    known = sum(last_day(one) <= scope.since for one in periods)
    return known if known < len(periods) else known - 1


def _may_signal(definitions: Sequence[Definition], periods: Sequence[Period], values: Matrix) -> Mask:
    above, below = np.full(len(values), -np.inf), np.full(len(values), np.inf)
    for row, definition in enumerate(definitions):
        target = target_for(definition, periods[-1]) if definition.content["targets"] else None
        if target is not None and definition.polarity is not Polarity.no_judgement:
            (above if definition.polarity is Polarity.high_is_good else below)[row] = target
    gaps = _gaps(tuple(periods))
    return may_signal(np.insert(values, gaps, np.nan, axis=1) if gaps else values, above, below)


@lru_cache(maxsize=2_000)
def _gaps(periods: tuple[Period, ...]) -> list[int]:
    """Before which places periods are missing."""
    return [place for place, (a, b) in enumerate(pairwise(periods), 1) if neighbour(a, 1) != b]
