"""Intervals of proportions and of the difference of two, in closed form. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between its limits."""

    value: float
    lower: float
    upper: float


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(count: int, of: int, level: float = 0.95) -> Interval | None:
    """A proportion with Wilson's score limits; None of nobody (E. B. Wilson 1927)."""
    if of == 0:
        return None
    z = _z(level)
    middle, spread = 2 * count + z * z, z * sqrt(z * z + 4 * count * (1 - count / of))
    below = 2 * (of + z * z)
    # At nought and at all of them the limit is exact, whatever the rounding of the square root.
    lower = 0.0 if count == 0 else (middle - spread) / below
    upper = 1.0 if count == of else (middle + spread) / below
    return Interval(count / of, lower, upper)


def newcombe(count: int, of: int, earlier: int, earlier_of: int, level: float = 0.95) -> Interval | None:
    """The first proportion less the second, with the hybrid score limits of Newcombe.

    R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine
    17 (1998) 873-890, method 10: each side is as far from the difference as the two Wilson limits in its way say.
    """
    first, second = wilson(count, of, level), wilson(earlier, earlier_of, level)
    if first is None or second is None:
        return None
    difference = first.value - second.value
    down = sqrt((first.value - first.lower) ** 2 + (second.upper - second.value) ** 2)
    up = sqrt((first.upper - first.value) ** 2 + (second.value - second.lower) ** 2)
    return Interval(difference, max(-1.0, difference - down), min(1.0, difference + up))
