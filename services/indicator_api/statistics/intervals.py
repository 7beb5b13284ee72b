"""Confidence intervals of proportions and rates (METHODS 2.4).

Wilson's score interval for proportions; for rates the exact Poisson limits of a count below 10, Byar's
approximation from there. After the technical guidance for public health indicators in England.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

BYAR_FROM = 10


class Interval(NamedTuple):
    """A value between its lower and upper confidence limit."""

    value: float
    lower: float
    upper: float


@lru_cache(maxsize=64)
def normal_quantile(confidence: float) -> float:
    """The two-sided normal quantile: 1.96 for 0.95, 3.09 for 0.998."""
    if not 0 < confidence < 1:
        raise ValueError("a confidence lies between 0 and 1")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def proportion_interval(
    numerator: float, denominator: float, confidence: float = 0.95, multiplier: float = 1.0
) -> Interval | None:
    """Wilson's interval, times the multiplier (100 for a percentage); None for a denominator of 0."""
    z = normal_quantile(confidence)
    if not 0 <= numerator <= denominator < math.inf:
        raise ValueError("the numerator of a proportion lies between 0 and its denominator")
    if denominator == 0:
        return None
    share = numerator / denominator
    middle = 2 * numerator + z * z
    width = z * math.sqrt(z * z + 4 * numerator * (1 - share))
    whole = 2 * (denominator + z * z)
    # The formula can miss its own ends, 0 and 1, by a rounding error.
    lower, upper = (middle - width) / whole, (middle + width) / whole
    lower = 0.0 if lower < 0.0 or not numerator else share if lower > share else lower
    upper = 1.0 if upper > 1.0 or numerator == denominator else share if upper < share else upper
    return Interval(share * multiplier, lower * multiplier, upper * multiplier)


def rate_interval(
    numerator: float, denominator: float, confidence: float = 0.95, multiplier: float = 10_000.0
) -> Interval | None:
    """The interval of a count over a population, times the multiplier; None for a population of 0."""
    if not 0 <= denominator < math.inf:
        raise ValueError("a population is 0 or more")
    lower, upper = count_limits(numerator, confidence)
    if denominator == 0:
        return None
    scale = multiplier / denominator
    return Interval(numerator * scale, lower * scale, upper * scale)


def count_limits(count: float, confidence: float = 0.95) -> tuple[float, float]:
    """Limits of a Poisson count: exact below 10, Byar's from 10."""
    if not 0 <= count < math.inf or count != int(count):
        raise ValueError("the numerator of a rate is a whole number, 0 or more")
    whole = int(count)
    return byar_limits(whole, confidence) if whole >= BYAR_FROM else exact_limits(whole, confidence)


def byar_limits(count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Byar's approximation, good from a count of 10."""
    z = normal_quantile(confidence)
    above = count + 1
    lower = count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3 if count else 0.0
    upper = above * (1 - 1 / (9 * above) + z / (3 * math.sqrt(above))) ** 3
    return lower, upper


@lru_cache(maxsize=256)
def exact_limits(count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Half the chi-square quantiles at a/2 with 2x and at 1 - a/2 with 2x + 2 degrees of freedom.

    They are the Poisson means under which so many or more, and so few or fewer, have a probability of a/2:
    solved from those two sums, which have no cancellation, by halving to the last digit. 0 at x = 0.
    """
    normal_quantile(confidence)
    tail = (1 - confidence) / 2
    most = count + 1 + 40 * math.sqrt(count + 1) - 4 * math.log(tail)
    lower = _solve(lambda mean: _at_least(count, mean) > tail, float(count)) if count else 0.0
    upper = _solve(lambda mean: _at_most(count, mean) < tail, most)
    return lower, upper


def _at_most(count: int, mean: float) -> float:
    term = total = math.exp(-mean)
    for k in range(1, count + 1):
        term *= mean / k
        total += term
    return total


def _at_least(count: int, mean: float) -> float:
    if mean <= 0:
        return 0.0
    term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    total, k = 0.0, count
    while term > total * 1e-18:
        total += term
        k += 1
        term *= mean / k
    return total


def _solve(too_large: Callable[[float], bool], most: float) -> float:
    least = 0.0
    while True:
        middle = (least + most) / 2
        if middle in (least, most):
            return middle
        if too_large(middle):
            most = middle
        else:
            least = middle
