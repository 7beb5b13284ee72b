"""Intervals of shares, means and their differences: pure functions, each with where its formula comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A value between its lower and upper confidence limit."""

    value: float
    lower: float
    upper: float


class Spread(NamedTuple):
    """How many there are, their mean and their variance (with n - 1)."""

    number: int
    mean: float
    variance: float


def share_interval(part: int, whole: int, confidence: float = CONFIDENCE) -> Interval | None:
    """Wilson's score interval of a share; None of nobody.

    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22: 209-212.
    """
    if not 0 <= part <= whole:
        raise ValueError("a part lies between 0 and its whole")
    if whole == 0:
        return None
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = part / whole
    middle = 2 * part + z * z
    width = z * math.sqrt(z * z + 4 * part * (1 - share))
    lower, upper = ((middle + sign * width) / (2 * (whole + z * z)) for sign in (-1, 1))
    # The formula misses its own ends, 0 and 1, by a rounding error.
    return Interval(share, min(max(lower, 0.0), share) if part else 0.0, 1.0 if part == whole else max(upper, share))


def share_change(now: tuple[int, int], before: tuple[int, int], confidence: float = CONFIDENCE) -> Interval | None:
    """The difference of two independent shares, now less before, each given as part and whole.

    Newcombe's hybrid score interval: R. G. Newcombe (1998), Interval estimation for the difference between independent
    proportions, Statistics in Medicine 17: 873-890, method 10.
    """
    one, two = share_interval(*now, confidence), share_interval(*before, confidence)
    if one is None or two is None:
        return None
    change = one.value - two.value
    down = math.hypot(one.value - one.lower, two.upper - two.value)
    up = math.hypot(one.upper - one.value, two.value - two.lower)
    return Interval(change, max(change - down, -1.0), min(change + up, 1.0))


def spread_of(counts: Mapping[int, int]) -> Spread | None:
    """The mean and variance of points by how often each was given; None of nobody."""
    number = sum(counts.values())
    if number == 0:
        return None
    mean = sum(point * times for point, times in counts.items()) / number
    squares = sum(times * (point - mean) ** 2 for point, times in counts.items())
    return Spread(number, mean, squares / (number - 1) if number > 1 else 0.0)


def mean_change(now: Spread, before: Spread, confidence: float = CONFIDENCE) -> Interval | None:
    """The difference of two independent means, now less before; None where either is of fewer than two.

    B. L. Welch (1947), The generalization of Student's problem when several different population variances are
    involved, Biometrika 34: 28-35; degrees of freedom by F. E. Satterthwaite (1946), Biometrics Bulletin 2: 110-114.
    """
    if min(now.number, before.number) < 2:
        return None
    parts = [one.variance / one.number for one in (now, before)]
    change = now.mean - before.mean
    error = sum(parts)
    if error == 0:
        return Interval(change, change, change)
    freedom = error**2 / sum(part**2 / (one.number - 1) for part, one in zip(parts, (now, before), strict=True))
    reach = student_quantile(freedom, confidence) * math.sqrt(error)
    return Interval(change, change - reach, change + reach)


def paired_change(differences: Mapping[int, int], confidence: float = CONFIDENCE) -> Interval | None:
    """The mean of the differences of pairs, by how often each occurred; None of fewer than two pairs.

    Student (1908), The probable error of a mean, Biometrika 6: 1-25.
    """
    spread = spread_of(differences)
    if spread is None or spread.number < 2:
        return None
    reach = student_quantile(spread.number - 1, confidence) * math.sqrt(spread.variance / spread.number)
    return Interval(spread.mean, spread.mean - reach, spread.mean + reach)


@lru_cache(maxsize=512)
def student_quantile(freedom: float, confidence: float = CONFIDENCE) -> float:
    """The two-sided quantile of Student's t: 12.71 for one degree of freedom at 0.95, 1.96 for endless ones.

    Found by halving the tail probability, I(x; f/2, 1/2) at x = f/(f + t^2): M. Abramowitz and I. A. Stegun (1964),
    Handbook of Mathematical Functions, 26.5.27.
    """
    if freedom <= 0 or not 0 < confidence < 1:
        raise ValueError("degrees of freedom are above 0 and a confidence lies between 0 and 1")
    least, most = 0.0, 1.0
    while _beyond(most, freedom) > 1 - confidence:
        most *= 2
    while True:
        middle = (least + most) / 2
        if middle in (least, most):
            return middle
        least, most = (middle, most) if _beyond(middle, freedom) > 1 - confidence else (least, middle)


def _beyond(t: float, freedom: float) -> float:
    """The probability of a t further from 0 than this one, on either side."""
    return _beta_share(freedom / (freedom + t * t), freedom / 2, 0.5)


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function (Abramowitz and Stegun 26.5.8, from its fast side)."""
    if x in (0.0, 1.0):
        return x
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(x, a, b) / a
    return 1 - front * _beta_fraction(1 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    total = d
    for step in range(1, 1000):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for term in (even, odd):
            d = 1 / (1 + term * d)
            c = 1 + term / c
            total *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return total
