"""What is left of a total beside the parts that are told: a few whose own figure has not come yet, or never will."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from services.indicator_api.small_numbers.figures import Counts, Figure, State
from shared.suppression import is_small
from shared.suppression_sums import Sum

K = TypeVar("K", bound=Hashable)
# What stays between counts of people is whole, whatever their shares were multiplied by.
_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Rest(Generic[K]):
    """In the place of a figure: those of a total that none of its parts counts."""

    of: Sum[K]


Member: TypeAlias = K | Rest[K]
Table: TypeAlias = tuple[Mapping[Member[K], Figure], Sequence[Sum[Member[K]]]]


def with_rests(state: State[K], sums: Sequence[Sum[K]], threshold: int) -> Table[K]:
    """The state and its sums, in each of which a small rest stands as one more part, small by itself.

    Who reads a total of 22 and the one team that has come with 20 knows of 2 in the team that has not.
    """
    every: dict[Member[K], Figure] = {}
    every.update((key, figure) for key, figure in state.items())
    whole: list[Sum[Member[K]]] = []
    for one in sums:
        parts: tuple[Member[K], ...] = one.parts
        left = _left(state, one, threshold)
        if any(left):
            rest = Rest(one)
            every[rest] = Figure(left, small=True)
            parts = (*parts, rest)
        whole.append(Sum(one.total, parts))
    return every, whole


def _left(state: State[K], one: Sum[K], threshold: int) -> Counts:
    """What is left of each quantity where that is small; what is left beside a figure that came as c is not known."""
    total, parts = state[one.total], [state[key] for key in one.parts]
    if total.withheld or any(part.withheld for part in parts):
        return ()
    found: list[float | None] = []
    for place, count in enumerate(total.counts):
        known = [part.counts[place] for part in parts]
        rest = None if count is None or None in known else round(count - sum(n for n in known if n is not None), 6)
        found.append(rest if rest is not None and rest >= _LEAST and is_small(rest, threshold) else None)
    return tuple(found)
