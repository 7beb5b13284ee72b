"""Funnel comparison of many areas with their pooled value (METHODS 2.6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.indicator_api.statistics.counts import laney_sigma
from services.indicator_api.statistics.intervals import count_limits

# Two-sided 95% and 99.8% normal quantiles, to the digits the published charts use.
Z_95, Z_998 = 1.959964, 3.090232


class FunnelKind(StrEnum):
    """What the items are: shares of a whole, or events over a population."""

    proportion = "proportion"
    rate = "rate"


class FunnelLabel(StrEnum):
    """Where an item lies, with the one-sided probability of lying there by chance."""

    high_0_001 = "high_0.001"
    high_0_025 = "high_0.025"
    within = "within"
    low_0_025 = "low_0.025"
    low_0_001 = "low_0.001"


@dataclass(frozen=True, slots=True)
class FunnelItem:
    """One area; one without figures, or with a denominator of 0, has no value, limits or label."""

    area: str
    value: float | None = None
    lower_0_025: float | None = None
    upper_0_025: float | None = None
    lower_0_001: float | None = None
    upper_0_001: float | None = None
    label: FunnelLabel | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The pooled value and the items in the given order.

    `limits_around_pooled` says how to read the limits: as lines around the pooled value that an item's value
    may lie outside of, or as the item's own limits, which the pooled value may lie outside of.
    """

    pooled: float | None
    n_pooled: int
    items: tuple[FunnelItem, ...]
    limits_around_pooled: bool
    sigma_z: float | None


# Lower and upper at 0.025, then at 0.001.
_Limits = tuple[float, float, float, float]


def funnel(
    kind: FunnelKind,
    items: Sequence[tuple[str, float | None, float | None]],
    *,
    multiplier: float = 1.0,
    over_dispersion: bool = False,
) -> Funnel:
    """Compare (area, numerator, denominator) items with their pooled value.

    Proportions are set against normal limits around the pooled proportion; for rates the exact or Byar limits
    of the observed count are set against the pooled rate. With `over_dispersion` both get normal limits about
    the pooled value, widened by Laney's sigma_z but never narrowed: areas have no order to justify it.
    """
    known = [(n, d) for _, n, d in items if n is not None and d]
    _check(kind, known)
    around_pooled = over_dispersion or kind is FunnelKind.proportion
    if not known:
        return Funnel(None, 0, tuple(FunnelItem(area) for area, _, _ in items), around_pooled, None)
    pooled = math.fsum(n for n, _ in known) / math.fsum(d for _, d in known)
    sigma_z = laney_sigma([(n / d - pooled) / e if (e := _error(kind, pooled, d)) else 0.0 for n, d in known])
    widen = max(1.0, sigma_z or 1.0) if over_dispersion else 1.0
    found = []
    for area, n, d in items:
        if n is None or not d:
            found.append(FunnelItem(area))
        elif around_pooled:
            limits = _lines(kind, pooled, widen * _error(kind, pooled, d))
            found.append(_item(area, n / d, limits, _label(n / d, limits), multiplier))
        else:
            limits = _own_limits(n, d)
            found.append(_item(area, n / d, limits, _OTHER_SIDE[_label(pooled, limits)], multiplier))
    return Funnel(pooled * multiplier, len(known), tuple(found), around_pooled, sigma_z)


def limits_at(kind: FunnelKind, pooled: float, denominator: float) -> tuple[float, float, float, float]:
    """The lines of the chart at a denominator: an item lies outside them exactly where its label says so.

    Lower and upper at 0.025, then at 0.001, as shares or events for each. Those of a rate join the counts whose own
    limits the pooled rate is just outside of.
    """
    if kind is FunnelKind.proportion:
        return _lines(kind, pooled, _error(kind, pooled, denominator))
    expected = pooled * denominator
    near, far = ((_least(expected, c) / denominator, _most(expected, c) / denominator) for c in (0.95, 0.998))
    return *near, *far


def _most(expected: float, confidence: float) -> float:
    """Between the last count whose lower limit is not above the expected one and the first whose is."""
    inside, outside = math.floor(expected), math.ceil(expected + 8 * math.sqrt(expected)) + 20
    while outside - inside > 1:
        middle = (inside + outside) // 2
        if count_limits(middle, confidence)[0] > expected:
            outside = middle
        else:
            inside = middle
    below, above = count_limits(inside, confidence)[0], count_limits(outside, confidence)[0]
    return inside + (expected - below) / (above - below)


def _least(expected: float, confidence: float) -> float:
    """Between the last count whose upper limit is below the expected one and the next; 0 where none is."""
    if count_limits(0, confidence)[1] >= expected:
        return 0.0
    outside, inside = 0, math.ceil(expected)
    while inside - outside > 1:
        middle = (inside + outside) // 2
        if count_limits(middle, confidence)[1] < expected:
            outside = middle
        else:
            inside = middle
    below, above = count_limits(outside, confidence)[1], count_limits(inside, confidence)[1]
    return outside + (expected - below) / (above - below)


def _check(kind: FunnelKind, known: Sequence[tuple[float, float]]) -> None:
    if any(not (0 <= n < math.inf and 0 < d < math.inf) for n, d in known):
        raise ValueError("numerators and denominators are 0 or more")
    if kind is FunnelKind.proportion and any(n > d for n, d in known):
        raise ValueError("the numerator of a proportion lies between 0 and its denominator")


def _error(kind: FunnelKind, pooled: float, denominator: float) -> float:
    spread = pooled * (1 - pooled) if kind is FunnelKind.proportion else pooled
    return math.sqrt(max(0.0, spread) / denominator)


def _lines(kind: FunnelKind, pooled: float, error: float) -> _Limits:
    most = 1.0 if kind is FunnelKind.proportion else math.inf
    near, far = Z_95 * error, Z_998 * error
    return max(0.0, pooled - near), min(most, pooled + near), max(0.0, pooled - far), min(most, pooled + far)


def _own_limits(numerator: float, denominator: float) -> _Limits:
    near = tuple(limit / denominator for limit in count_limits(numerator, 0.95))
    far = tuple(limit / denominator for limit in count_limits(numerator, 0.998))
    return near[0], near[1], far[0], far[1]


def _label(value: float, limits: _Limits) -> FunnelLabel:
    lower_near, upper_near, lower_far, upper_far = limits
    if value > upper_near:
        return FunnelLabel.high_0_001 if value > upper_far else FunnelLabel.high_0_025
    if value < lower_near:
        return FunnelLabel.low_0_001 if value < lower_far else FunnelLabel.low_0_025
    return FunnelLabel.within


# The pooled value below an item's own limits means that the item is high.
_OTHER_SIDE = {
    FunnelLabel.high_0_001: FunnelLabel.low_0_001,
    FunnelLabel.high_0_025: FunnelLabel.low_0_025,
    FunnelLabel.within: FunnelLabel.within,
    FunnelLabel.low_0_025: FunnelLabel.high_0_025,
    FunnelLabel.low_0_001: FunnelLabel.high_0_001,
}


def _item(area: str, value: float, limits: _Limits, label: FunnelLabel, multiplier: float) -> FunnelItem:
    lower_near, upper_near, lower_far, upper_far = (multiplier * limit for limit in limits)
    return FunnelItem(area, multiplier * value, lower_near, upper_near, lower_far, upper_far, label)
