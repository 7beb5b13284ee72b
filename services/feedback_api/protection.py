"""Small numbers in summaries: what is hidden from those who may not see true figures. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass

from shared.suppression import is_small
from shared.suppression_sums import Sum, hidden_in_sums

Shown = dict[str, int | None]
_TOTAL = "\x00total"
# Ratings are from this to that.
WORST, BEST = 1, 5


@dataclass(frozen=True)
class Shield:
    """How a summary is protected."""

    threshold: int

    def one(self, count: int, of: int | None = None) -> int | None:
        """A count that stands alone, or in a whole whose rest would be small."""
        rest = 0 if of is None else of - count
        return None if is_small(count, self.threshold) or is_small(rest, self.threshold) else count

    def lists(self, total: int, lists: Mapping[str, Mapping[str, int]]) -> tuple[int | None, list[Shown]]:
        """Several breakdowns of one total, which is shown only if every one of them allows it."""
        hide_total = is_small(total, self.threshold)
        hidden: dict[str, frozenset[str]] = {}
        # A total that one breakdown needs hidden must not be the sum of another; two rounds settle it.
        for _ in range(2):
            also = {_TOTAL} if hide_total else set[str]()
            hidden = {of: self._hidden(total, parts, also) for of, parts in lists.items()}
            hide_total = hide_total or any(_TOTAL in found for found in hidden.values())
        shown: list[Shown] = [
            {code: None if code in hidden[of] else count for code, count in parts.items()}
            for of, parts in lists.items()
        ]
        return None if hide_total else total, shown

    def _hidden(self, total: int, parts: Mapping[str, int], also: Set[str]) -> frozenset[str]:
        counts: dict[str, int | None] = {**parts, _TOTAL: total}
        return hidden_in_sums(counts, [Sum(_TOTAL, tuple(parts))], threshold=self.threshold, also=also)

    def gives_away(self, given: int, points: int) -> bool:
        """Whether a mean of ratings tells to within the threshold how many gave less than the best, or more than 1.

        Told is one that says of the other end that few can have given it: none of them need be. Of 20 with 28 points
        up to two gave a five. To hide that as well would hide most means of twenty people and fewer.
        """
        ends = (WORST * given, BEST * given)
        missing = [abs(end - points) for end in ends]
        return any(0 < one - math.ceil(one / (BEST - WORST)) <= self.threshold or one == 1 for one in missing)

    @property
    def tells_beside(self) -> bool:
        """Whether counts of the same people in other tables are told: protected each by itself, they give one another
        away."""
        return False


@dataclass(frozen=True)
class Open(Shield):
    """No protection, for those who may see true figures."""

    threshold: int = 0

    def one(self, count: int, of: int | None = None) -> int | None:
        return count

    def lists(self, total: int, lists: Mapping[str, Mapping[str, int]]) -> tuple[int | None, list[Shown]]:
        return total, [dict(parts) for parts in lists.values()]

    def gives_away(self, given: int, points: int) -> bool:
        return False

    @property
    def tells_beside(self) -> bool:
        return True
