"""Mean and process limits of one segment of an XmR chart (METHODS 2.1)."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# 3 / 1.128 and the upper limit of a moving range (D4 for n = 2), rounded as the published charts round them.
LIMIT_FACTOR = 2.66
SCREENING_FACTOR = 3.267
# Sums of floats carry noise of about 1e-15 of their size; a point that misses a line by less lies on it.
NOISE = 1e-12

TOO_FEW_POINTS = "too_few_points"
NO_VARIATION = "no_variation"


@dataclass(frozen=True, slots=True)
class Limits:
    """Mean and average moving range, how many values they rest on, and why there is no signal, if so."""

    mean: float | None
    average_range: float | None
    n: int
    slack: float
    reason: str | None

    def at(self, share: float) -> float | None:
        """The line at that share of the way from the mean to the upper limit, or the lower if negative."""
        if self.mean is None or self.average_range is None:
            return None
        return self.mean + share * LIMIT_FACTOR * self.average_range


def limits_of(values: Sequence[float | None], *, screen: bool, baseline_points: int | None) -> Limits:
    """Limits over the values, or over the first `baseline_points` of them."""
    basis = values if baseline_points is None else _baseline(values, baseline_points)
    present = [value for value in basis if value is not None]
    slack = NOISE * max(map(abs, present), default=0.0)
    ranges = [abs(b - a) for a, b in pairwise(basis) if a is not None and b is not None]
    mean = statistics.fmean(present) if present else None
    if not ranges:
        return Limits(mean, None, len(present), slack, TOO_FEW_POINTS)
    average = statistics.fmean(ranges)
    if screen:
        average = _screened(ranges, average, slack)
    return Limits(mean, average, len(present), slack, NO_VARIATION if average <= slack else None)


def _baseline(values: Sequence[float | None], size: int) -> Sequence[float | None]:
    seen = 0
    for place, value in enumerate(values):
        seen += value is not None
        if seen == size:
            return values[: place + 1]
    return values


def _screened(ranges: Sequence[float], average: float, slack: float) -> float:
    """Drop the ranges too wide for chance, once; where only zeros are left, the first average stands."""
    kept = [width for width in ranges if width < SCREENING_FACTOR * average]
    again = statistics.fmean(kept) if kept else 0.0
    return again if again > slack else average
