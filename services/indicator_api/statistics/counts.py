"""Control charts for counts: p, u and c charts and Laney's primed ones (METHODS 2.8)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

D2 = 1.128  # the mean moving range of two standard normal values


@dataclass(frozen=True, slots=True)
class CountPoint:
    """One point with its three-sigma limits; `outside` is strict."""

    value: float
    lower: float
    upper: float
    outside: bool


@dataclass(frozen=True, slots=True)
class CountChart:
    """The centre line and the points in order; None stands where there is no figure.

    `sigma_z` is Laney's factor, which the limits carry when `primed`; above 1 there is more than chance.
    """

    centre: float | None
    points: tuple[CountPoint | None, ...]
    sigma_z: float | None
    primed: bool


def p_chart(items: Sequence[tuple[float | None, float | None]], *, primed: bool = False) -> CountChart:
    """Proportions of (numerator, denominator) items; limits lie within 0 and 1."""
    if any(n is not None and d is not None and n > d for n, d in items):
        raise ValueError("the numerator of a proportion lies between 0 and its denominator")
    return _chart(items, lambda p, n: math.sqrt(max(0.0, p * (1 - p)) / n), 1.0, primed)


def u_chart(items: Sequence[tuple[float | None, float | None]], *, primed: bool = False) -> CountChart:
    """Rates of (events, exposure) items; the lower limit is never below 0."""
    return _chart(items, lambda u, n: math.sqrt(u / n), math.inf, primed)


def c_chart(counts: Sequence[float | None], *, primed: bool = False) -> CountChart:
    """Counts over equal periods."""
    return u_chart([(count, 1.0) for count in counts], primed=primed)


def _chart(
    items: Sequence[tuple[float | None, float | None]],
    error: Callable[[float, float], float],
    most: float,
    primed: bool,
) -> CountChart:
    known = [(n, d) if n is not None and d else None for n, d in items]
    present = [item for item in known if item is not None]
    if any(not (0 <= n < math.inf and 0 < d < math.inf) for n, d in present):
        raise ValueError("numerators and denominators are 0 or more")
    if not present:
        return CountChart(None, (None,) * len(known), None, primed)
    centre = math.fsum(n for n, _ in present) / math.fsum(d for _, d in present)
    errors = [error(centre, item[1]) if item else 0.0 for item in known]
    scores = [(item[0] / item[1] - centre) / e if item and e else None for item, e in zip(known, errors, strict=True)]
    sigma_z = laney_sigma(scores)
    factor = sigma_z if primed and sigma_z is not None else 1.0
    points: list[CountPoint | None] = []
    for item, e in zip(known, errors, strict=True):
        if item is None:
            points.append(None)
            continue
        value, width = item[0] / item[1], 3 * e * factor
        lower, upper = max(0.0, centre - width), min(most, centre + width)
        points.append(CountPoint(value, lower, upper, not lower <= value <= upper))
    return CountChart(centre, tuple(points), sigma_z, primed)


def laney_sigma(scores: Sequence[float | None]) -> float | None:
    """Laney's sigma_z: the mean step between neighbouring z scores over 1.128; no step goes across a gap."""
    steps = [abs(b - a) for a, b in pairwise(scores) if a is not None and b is not None]
    return fmean(steps) / D2 if steps else None
