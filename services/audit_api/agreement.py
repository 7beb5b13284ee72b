"""How far two graders of the same audits agree (METHODS 2.12): pure arithmetic, exact until the last step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of all pairs; `kappa` is none where chance alone would agree on every one."""

    pairs: int
    exact: Fraction
    within_one: Fraction
    kappa: Fraction | None


def agreement(pairs: Mapping[tuple[int, int], int]) -> Agreement | None:
    """The agreement of pairs of ranks, given with how often each occurs; None where there are none."""
    total = sum(pairs.values())
    if total == 0:
        return None
    exact = sum(count for (first, second), count in pairs.items() if first == second)
    near = sum(count for (first, second), count in pairs.items() if abs(first - second) <= 1)
    return Agreement(total, Fraction(exact, total), Fraction(near, total), quadratic_kappa(pairs))


def quadratic_kappa(pairs: Mapping[tuple[int, int], int]) -> Fraction | None:
    """One less the squared distances seen over those that chance would give, keeping how often each grader gave each
    grade; None where chance would give none, which is where both gave one and the same grade throughout.

    The length of the scale divides both sums alike and falls out.
    """
    firsts: Counter[int] = Counter()
    seconds: Counter[int] = Counter()
    for (first, second), count in pairs.items():
        firsts[first] += count
        seconds[second] += count
    total = firsts.total()
    seen = sum(count * (first - second) ** 2 for (first, second), count in pairs.items())
    by_chance = sum(
        often * other * (first - second) ** 2 for first, often in firsts.items() for second, other in seconds.items()
    )
    return None if by_chance == 0 else 1 - Fraction(seen * total, by_chance)


def rounded(value: Fraction, places: int) -> float:
    """A half goes away from zero, as everywhere in the figures."""
    step = Decimal(1).scaleb(-places)
    # Exact: a half is seen as a half however long the fraction is.
    scaled = value * 10**places
    whole, rest = divmod(abs(scaled.numerator), scaled.denominator)
    whole += 2 * rest >= scaled.denominator
    return float((whole if value >= 0 else -whole) * step)
