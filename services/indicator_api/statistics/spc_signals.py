"""The four signals of special cause variation in one segment of an XmR chart (METHODS 2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import pairwise

from services.indicator_api.statistics.spc_limits import Limits
from shared.schemas.figures import SpcProfile, SpcRule

RUN = 7


class Signal(Enum):
    """The direction a signal points to: of the moves for a trend, else the side of the mean."""

    high = 1
    low = -1


_DIRECTIONS = {signal.value: signal for signal in Signal}


def signals_in(values: Sequence[float | None], limits: Limits, profile: SpcProfile) -> list[dict[SpcRule, Signal]]:
    """The signals at each place. All comparisons are strict; a gap breaks every run.

    Where a rise and a fall meet at one point, the later of the two trends gives its direction.
    """
    found: list[dict[SpcRule, Signal]] = [{} for _ in values]
    if limits.reason is not None:
        return found
    sides, outside, beyond = (_beyond(values, limits, share) for share in (0, 1, 2 / 3))
    if profile is SpcProfile.nhsr_0_2:
        beyond = [0 if far else near for near, far in zip(beyond, outside, strict=True)]
    for place, side in enumerate(outside):
        if side:
            found[place][SpcRule.outside_limits] = _DIRECTIONS[side]
    moves = [0 if a is None or b is None else (b > a) - (b < a) for a, b in pairwise(values)]
    for start, direction in _runs(moves, RUN - 1):
        for place in range(start, start + RUN):
            found[place][SpcRule.trend] = _DIRECTIONS[direction]
    for start, direction in _runs(sides, 3):
        places = [place for place in range(start, start + 3) if beyond[place]]
        for place in places if len(places) >= 2 else ():
            found[place][SpcRule.two_in_three] = _DIRECTIONS[direction]
    for start, direction in _runs(sides, RUN):
        for place in range(start, start + RUN):
            found[place][SpcRule.shift] = _DIRECTIONS[direction]
    return found


def _beyond(values: Sequence[float | None], limits: Limits, share: float) -> list[int]:
    """For each value 1 above the upper line at that share of the limits, -1 below the lower one, else 0."""
    upper, lower = limits.at(share), limits.at(-share)
    if upper is None or lower is None:
        return [0 for _ in values]
    most, least = upper + limits.slack, lower - limits.slack
    return [0 if value is None else (value > most) - (value < least) for value in values]


def _runs(signs: Sequence[int], length: int) -> Iterator[tuple[int, int]]:
    """Where each window of that length starts whose signs are all the same and none 0, with that sign."""
    run = before = 0
    for place, sign in enumerate(signs):
        run = 0 if not sign else run + 1 if sign == before else 1
        before = sign
        if run >= length:
            yield place - length + 1, sign
