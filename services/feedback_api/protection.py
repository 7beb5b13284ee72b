"""Small numbers in summaries and reports: what is hidden from those who may not see true figures. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeVar

from shared.suppression import is_small
from shared.suppression_sums import Sum, hidden_in_sums

# The name of a figure that stands alone, or of a list and a code in it.
Cell = tuple[str, ...]
K = TypeVar("K", bound=Hashable)
Shown = dict[str, int | None]
_TOTAL = "\x00total"


@dataclass(frozen=True)
class Shield:
    """How a summary is protected. Narrowed to a unit or theme, what is hidden and what is absent look alike.

    `telling` are the cells that a summary of more would give away together with this one; `beside` those that a
    summary of more hides although it counts no more there, so that shown here they would be known there.
    """

    threshold: int
    narrowed: bool
    telling: frozenset[Cell] = frozenset()
    beside: frozenset[Cell] = frozenset()

    def one(self, count: int, cell: Cell, of: int | None = None) -> int | None:
        """A count that stands alone, or in a whole whose rest would be small."""
        if is_small(count, self.threshold) or cell in self.telling or (self.narrowed and count == 0):
            return None
        return None if of is not None and is_small(of - count, self.threshold) else count

    def lists(self, name: str, total: int, lists: Mapping[str, Mapping[str, int]]) -> tuple[int | None, list[Shown]]:
        """Several breakdowns of one total, which is shown only if every one of them allows it."""
        told = {of: {code for code in parts if (of, code) in self.telling} for of, parts in lists.items()}
        beside = {of: {code for code in parts if (of, code) in self.beside} for of, parts in lists.items()}
        hide_total = is_small(total, self.threshold) or (name,) in self.telling
        # On a narrowed query one count that tells hides the total as well.
        hide_total = hide_total or (self.narrowed and any(told.values()))
        hidden: dict[str, frozenset[str]] = {}
        # A total that one breakdown needs hidden must not be the sum of another; two rounds settle it.
        for _ in range(2):
            total_too = {_TOTAL} if hide_total else set()
            hidden = {of: self._hidden(total, parts, told[of] | beside[of] | total_too) for of, parts in lists.items()}
            hide_total = hide_total or any(_TOTAL in found for found in hidden.values())
        shown = [
            {code: self._shown(count, code in hidden[of]) for code, count in parts.items()}
            for of, parts in lists.items()
        ]
        return self._shown(total, hide_total), shown

    def _hidden(self, total: int, parts: Mapping[str, int], also: Set[str]) -> frozenset[str]:
        counts: dict[str, int | None] = {**parts, _TOTAL: total}
        return hidden_in_sums(counts, [Sum(_TOTAL, tuple(parts))], threshold=self.threshold, also=also)

    def _shown(self, count: int, hide: bool) -> int | None:
        return None if hide or (self.narrowed and count == 0) else count

    def together(self, name: str, counts: Mapping[K, int]) -> bool:
        """Whether figures that belong together may be shown: one that cannot be hides them all."""
        told = any(cell[0] == name for cell in self.telling)
        return not told and not any(is_small(count, self.threshold) for count in counts.values())


@dataclass(frozen=True)
class Open(Shield):
    """No protection, for those who may see true figures."""

    threshold: int = 0
    narrowed: bool = False

    def one(self, count: int, cell: Cell, of: int | None = None) -> int | None:
        return count

    def lists(self, name: str, total: int, lists: Mapping[str, Mapping[str, int]]) -> tuple[int | None, list[Shown]]:
        return total, [dict(parts) for parts in lists.values()]

    def together(self, name: str, counts: Mapping[K, int]) -> bool:
        return True


def telling_cells(own: Mapping[Cell, int], wider: Mapping[Cell, int], threshold: int) -> Iterator[Cell]:
    """The cells whose difference from those of a wider summary is small, whichever is the larger."""
    for cell, count in own.items():
        if count and is_small(abs(wider.get(cell, 0) - count), threshold):
            yield cell
