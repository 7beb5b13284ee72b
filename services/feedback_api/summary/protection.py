"""Small numbers in a summary: what is hidden from those who may not see true figures (METHODS 2.11). Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared.suppression import is_small
from shared.suppression_sums import Sum, hidden_in_sums

K = TypeVar("K", bound=Hashable)
_TOTAL = "\x00total"


@dataclass(frozen=True)
class Shield:
    """How a summary is protected. Narrowed to a unit or theme, what is hidden and what is absent look alike."""

    threshold: int
    narrowed: bool

    def one(self, count: int, of: int | None = None) -> int | None:
        """A count that stands alone, or in a whole whose rest would be small."""
        if is_small(count, self.threshold) or (self.narrowed and count == 0):
            return None
        return None if of is not None and is_small(of - count, self.threshold) else count

    def lists(self, total: int, lists: Sequence[Mapping[str, int]]) -> tuple[int | None, list[dict[str, int | None]]]:
        """Several breakdowns of one total, which is shown only if every one of them allows it."""
        hide_total = is_small(total, self.threshold)
        hidden: list[frozenset[str]] = []
        # A total that one breakdown needs hidden must not be the sum of another; two rounds settle it.
        for _ in range(2):
            hidden = [self._hidden(total, parts, hide_total) for parts in lists]
            hide_total = hide_total or any(_TOTAL in found for found in hidden)
        shown = [
            {code: self._shown(count, code in found) for code, count in parts.items()}
            for parts, found in zip(lists, hidden, strict=True)
        ]
        return self._shown(total, hide_total), shown

    def _hidden(self, total: int, parts: Mapping[str, int], hide_total: bool) -> frozenset[str]:
        counts: dict[str, int | None] = {**parts, _TOTAL: total}
        also = [_TOTAL] if hide_total else []
        return hidden_in_sums(counts, [Sum(_TOTAL, tuple(parts))], threshold=self.threshold, also=also)

    def _shown(self, count: int, hide: bool) -> int | None:
        return None if hide or (self.narrowed and count == 0) else count

    def together(self, counts: Mapping[K, int]) -> bool:
        """Whether figures that belong together may be shown: one small one hides them all."""
        return not any(is_small(count, self.threshold) for count in counts.values())


@dataclass(frozen=True)
class Open(Shield):
    """No protection, for those who may see true figures."""

    threshold: int = 0
    narrowed: bool = False

    def one(self, count: int, of: int | None = None) -> int | None:
        return count

    def lists(self, total: int, lists: Sequence[Mapping[str, int]]) -> tuple[int | None, list[dict[str, int | None]]]:
        return total, [dict(parts) for parts in lists]

    def together(self, counts: Mapping[K, int]) -> bool:
        return True
