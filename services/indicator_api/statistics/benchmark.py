"""Comparison with a reference, with neighbours and with all authorities (METHODS 2.5)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.indicator_api.statistics.intervals import Interval
from shared.schemas.figures import BenchmarkOutcome, Polarity, QuartileBand


def compare(interval: Interval | None, reference: float | None, polarity: Polarity) -> BenchmarkOutcome:
    """Set a figure's interval against a reference; a reference on the very limit is not excluded by it.

    The caller passes no reference for the area itself: an area is never compared with itself.
    """
    if interval is None or reference is None:
        return BenchmarkOutcome.not_compared
    if interval.lower <= reference <= interval.upper:
        return BenchmarkOutcome.similar
    higher = interval.lower > reference
    if polarity is Polarity.no_judgement:
        return BenchmarkOutcome.higher if higher else BenchmarkOutcome.lower
    good = higher == (polarity is Polarity.high_is_good)
    return BenchmarkOutcome.better if good else BenchmarkOutcome.worse


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """What the available members of a comparator set show; `best` needs a judgement."""

    n_members: int
    n_available: int
    mean: float | None
    median: float | None
    minimum: float | None
    maximum: float | None
    best: float | None


def summarise_group(members: Mapping[str, float | None], polarity: Polarity, *, area: str) -> GroupSummary:
    """Mean (as in the LAIT) and median (as in DfE's dashboard) of the members with a figure, bar the area."""
    others = {code: value for code, value in members.items() if code != area}
    values = [value for value in others.values() if value is not None]
    if not values:
        return GroupSummary(len(others), 0, None, None, None, None, None)
    least, most = min(values), max(values)
    best = {Polarity.high_is_good: most, Polarity.low_is_good: least}.get(polarity)
    return GroupSummary(
        len(others), len(values), statistics.fmean(values), statistics.median(values), least, most, best
    )


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Minimum, the three quartiles and maximum of all authorities that have a figure."""

    q0: float
    q1: float
    q2: float
    q3: float
    q4: float
    n: int


def quartiles(values: Iterable[float | None]) -> Quartiles | None:
    """Quartiles by R's type 7 (linear between order statistics); None without a single figure."""
    ordered = sorted(value for value in values if value is not None)
    if not ordered:
        return None
    q0, q1, q2, q3, q4 = (_type_7(ordered, place / 4) for place in range(5))
    return Quartiles(q0, q1, q2, q3, q4, len(ordered))


def _type_7(ordered: Sequence[float], share: float) -> float:
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    part = place - below
    # Adding a part of the step keeps the very value where both neighbours are equal; bands end on such ties.
    return ordered[below] + part * (ordered[below + 1] - ordered[below]) if part else ordered[below]


def band(value: float | None, cuts: Quartiles | None, polarity: Polarity) -> QuartileBand | None:
    """Low good: A is [Q0, Q1], then (Q1, Q2], (Q2, Q3], (Q3, Q4]; high good: the same four from D to A.

    None without a figure, without judgement, or for a value that is not among those the cuts were made of.
    """
    if value is None or cuts is None or polarity is Polarity.no_judgement or not cuts.q0 <= value <= cuts.q4:
        return None
    letters = list(QuartileBand) if polarity is Polarity.low_is_good else list(reversed(QuartileBand))
    return letters[sum(value > cut for cut in (cuts.q1, cuts.q2, cuts.q3))]


def rank(value: float | None, values: Iterable[float | None], polarity: Polarity) -> int | None:
    """1 is best, ties share the smaller number; `values` holds all authorities, this one included."""
    if value is None or polarity is Polarity.no_judgement:
        return None
    if polarity is Polarity.low_is_good:
        return 1 + sum(other < value for other in values if other is not None)
    return 1 + sum(other > value for other in values if other is not None)
