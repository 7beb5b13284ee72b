"""XmR control charts: limits, signals and assurance (METHODS 2.1 to 2.3).

After NHS England's Making Data Count guidance. The stages have modules of their own: `spc_limits` finds mean
and limits, `spc_signals` applies the rules.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.indicator_api.statistics.spc_limits import NOISE, Limits, limits_of
from services.indicator_api.statistics.spc_signals import RUN, Signal, signals_in
from shared.schemas.figures import Assurance, Polarity, SpcLabel, SpcProfile, SpcRule

ENOUGH_FOR_LIMITS = 13
ENOUGH_FOR_EXCEPTIONS = 6
_RULES = tuple(SpcRule)
# Most points show nothing; to look a member of an enumeration up by its name takes longer than to make a point.
_COMMON_CAUSE = SpcLabel.common_cause


@dataclass(frozen=True, slots=True)
class Segment:
    """Points between two rebases and their limits. `n` counts values, `n_limits` those the limits rest on."""

    first: str
    last: str
    n: int
    n_limits: int
    mean: float | None
    lpl: float | None
    upl: float | None
    near_lpl: float | None
    near_upl: float | None
    trial_limits: bool
    may_raise_exceptions: bool
    reason: str | None


class ChartPoint(NamedTuple):
    """One point with what it shows; a gap has no value and no label. `high` is the direction of its label."""

    period: str
    value: float | None
    label: SpcLabel | None
    rules: tuple[SpcRule, ...]
    high: bool | None
    segment: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """A whole chart, with the profile and screening it was made under."""

    segments: tuple[Segment, ...]
    points: tuple[ChartPoint, ...]
    assurance: Assurance | None
    profile: SpcProfile
    moving_ranges_screened: bool


class ChartEnd(NamedTuple):
    """Where a chart ends: its last segment with the periods of it, its last point, and what they say of a target."""

    segment: Segment
    periods: tuple[str, ...]
    point: ChartPoint
    assurance: Assurance | None
    profile: SpcProfile
    moving_ranges_screened: bool


def analyse(
    points: Sequence[tuple[str, float | None]],
    polarity: Polarity,
    profile: SpcProfile = SpcProfile.mdc_2023,
    *,
    screen_moving_ranges: bool = True,
    rebase_at: Collection[str] = (),
    baseline_points: int | None = None,
    target: float | None = None,
) -> Analysis:
    """Analyse a series of (period label, value) in the given order; a value of None is a gap.

    A gap has no moving range on either side and breaks every run. `rebase_at` names the first point of each
    new segment. With `baseline_points` the first so many values of a segment set its limits.
    """
    _check(points, rebase_at, baseline_points)
    segments: list[Segment] = []
    charted: list[ChartPoint] = []
    for number, rows in enumerate(_split(points, frozenset(rebase_at))):
        values = [value for _, value in rows]
        limits = limits_of(values, screen=screen_moving_ranges, baseline_points=baseline_points)
        segments.append(_segment(rows, values, limits))
        found = signals_in(values, limits, profile)
        charted += [
            _point(period, value, signals, polarity, number) if signals or value is None
            else ChartPoint(period, value, _COMMON_CAUSE, (), None, number)
            for (period, value), signals in zip(rows, found, strict=True)
        ]  # fmt: skip
    assurance = assure(segments[-1], target, polarity) if segments else None
    return Analysis(tuple(segments), tuple(charted), assurance, profile, screen_moving_ranges)


def end_of(
    points: Sequence[tuple[str, float | None]],
    polarity: Polarity,
    *,
    rebase_at: Collection[str] = (),
    target: float | None = None,
) -> ChartEnd:
    """The end of the very chart `analyse` makes: no limits and signals but the last ones are looked for."""
    _check(points, rebase_at, None)
    profile = SpcProfile.mdc_2023
    rows = _split(points, frozenset(rebase_at))
    values = [value for _, value in rows[-1]]
    limits = limits_of(values, screen=True, baseline_points=None)
    # No signal needs more points than the longest run.
    signals = signals_in(values[-RUN:], limits, profile)[-1]
    segment, (period, value) = _segment(rows[-1], values, limits), rows[-1][-1]
    point = _point(period, value, signals, polarity, len(rows) - 1)
    periods = tuple(period for period, _ in rows[-1])
    return ChartEnd(segment, periods, point, assure(segment, target, polarity), profile, True)


def assure(segment: Segment, target: float | None, polarity: Polarity) -> Assurance | None:
    """Set the limits of the last segment against the target; None without target, judgement or limits.

    A target on the very limit is neither above nor below it.
    """
    if target is None or polarity is Polarity.no_judgement or segment.upl is None or segment.lpl is None:
        return None
    high_is_good = polarity is Polarity.high_is_good
    slack = NOISE * max(abs(segment.upl), abs(segment.lpl))
    if target > segment.upl + slack:
        return Assurance.consistent_fail if high_is_good else Assurance.consistent_pass
    if target < segment.lpl - slack:
        return Assurance.consistent_pass if high_is_good else Assurance.consistent_fail
    return Assurance.inconsistent


def label_for(high: bool, polarity: Polarity) -> SpcLabel:
    """The label of a special cause in that direction."""
    if polarity is Polarity.no_judgement:
        return SpcLabel.special_cause_neutral_high if high else SpcLabel.special_cause_neutral_low
    good = high == (polarity is Polarity.high_is_good)
    return SpcLabel.special_cause_improvement if good else SpcLabel.special_cause_concern


def _check(points: Sequence[tuple[str, float | None]], rebase_at: Collection[str], baseline_points: int | None) -> None:
    if not all(map(math.isfinite, [value for _, value in points if value is not None])):
        raise ValueError("every value is a finite number or null")
    if rebase_at:
        periods = Counter(period for period, _ in points)
        if any(periods[first] != 1 for first in rebase_at):
            raise ValueError("each rebase_at names exactly one of the points")
    if baseline_points is not None and baseline_points < 2:
        raise ValueError("a baseline has at least 2 points")


def _split(
    points: Sequence[tuple[str, float | None]], rebase_at: Collection[str]
) -> list[list[tuple[str, float | None]]]:
    if not rebase_at:
        return [list(points)] if points else []
    segments: list[list[tuple[str, float | None]]] = []
    for period, value in points:
        if not segments or period in rebase_at:
            segments.append([])
        segments[-1].append((period, value))
    return segments


def _segment(rows: Sequence[tuple[str, float | None]], values: Sequence[float | None], limits: Limits) -> Segment:
    return Segment(
        first=rows[0][0],
        last=rows[-1][0],
        n=len(values) - values.count(None),
        n_limits=limits.n,
        mean=limits.mean,
        lpl=limits.at(-1),
        upl=limits.at(1),
        near_lpl=limits.at(-2 / 3),
        near_upl=limits.at(2 / 3),
        trial_limits=limits.n < ENOUGH_FOR_LIMITS,
        may_raise_exceptions=limits.n >= ENOUGH_FOR_EXCEPTIONS,
        reason=limits.reason,
    )


def _point(
    period: str, value: float | None, signals: dict[SpcRule, Signal], polarity: Polarity, segment: int
) -> ChartPoint:
    if value is None:
        return ChartPoint(period, None, None, (), None, segment)
    if not signals:
        return ChartPoint(period, value, _COMMON_CAUSE, (), None, segment)
    rules = tuple(rule for rule in _RULES if rule in signals)
    high = signals[rules[0]] is Signal.high
    return ChartPoint(period, value, label_for(high, polarity), rules, high, segment)
