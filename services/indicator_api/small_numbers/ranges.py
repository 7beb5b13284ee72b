"""What a reader can work out of hidden counts from the sums they stand in: the exact range of each.

The counts that fit all sums form a polytope. Its corners are walked with the simplex method, and every corner
on the way is a world the reader cannot rule out: it widens the ranges of all counts at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

K = TypeVar("K", bound=Hashable)
# One sum over hidden counts: each with its sign. What the shown figures add to it the reader knows.
Row = Mapping[K, int]

_EXACT = 1e-9
# Far more than any family of figures took; a walk that is cut short leaves ranges too narrow, never too wide.
_LONGEST_WALK = 20_000


def too_narrow(rows: Sequence[Row[K]], counts: Mapping[K, float], width: float) -> list[K]:
    """The hidden counts a reader can pin down to a range of this width or less, in the order of `counts`.

    The reader is taken to know the sum of each row, and of each count whether it is 0. A count in no row has no
    upper end.
    """
    found: set[K] = set()
    for part in _connected(rows):
        keys = [key for key in counts if key in part.keys]
        found |= _narrow_in(part.rows, keys, counts, width)
    return [key for key in counts if key in found]


def _narrow_in(rows: Sequence[Row[K]], keys: Sequence[K], counts: Mapping[K, float], width: float) -> set[K]:
    alone = {key for row in rows if len(row) == 1 for key in row}
    if alone:
        # What stands alone is known; the rest is looked at again once that is mended.
        return alone
    place = {key: at for at, key in enumerate(keys)}
    matrix = np.zeros((len(rows), len(keys)))
    for at, row in enumerate(rows):
        for key, sign in row.items():
            matrix[at, place[key]] = sign
    # Nobody thinks a hidden figure less than 1, except where a part of it is nought.
    room = np.array([max(counts[key] - 1.0, 0.0) for key in keys])
    worlds = _Worlds(matrix, room)
    return {key for at, key in enumerate(keys) if not worlds.wider_than(at, width)}


class _Part:
    def __init__(self) -> None:
        self.keys: set[Any] = set()
        self.rows: list[Any] = []


def _connected(rows: Sequence[Row[K]]) -> list[_Part]:
    """The rows that share counts, each once; nothing is learned of one part from another."""
    leads: dict[K, K] = {}

    def lead(key: K) -> K:
        while leads.setdefault(key, key) != key:
            key = leads[key]
        return key

    distinct = list({frozenset(row.items()): row for row in rows if row}.values())
    for row in distinct:
        first, *others = row
        for other in others:
            leads[lead(other)] = lead(first)
    parts: dict[K, _Part] = defaultdict(_Part)
    for row in distinct:
        part = parts[lead(next(iter(row)))]
        part.keys.update(row)
        part.rows.append(row)
    return list(parts.values())


class _Worlds:
    """The corners seen so far of all that fits the sums, as the lowest and highest each count was there."""

    def __init__(self, matrix: npt.NDArray[np.float64], room: npt.NDArray[np.float64]) -> None:
        total = matrix @ room
        matrix, total = np.where(total[:, None] < 0, -matrix, matrix), np.abs(total)
        self._table = np.hstack([matrix, total[:, None]])
        self._basis = np.full(len(total), -1)
        self._low, self._high = room.copy(), room.copy()
        self._steps = 0
        self._find_a_corner()

    def wider_than(self, at: int, width: float) -> bool:
        """Whether the range of a count is wider; walks on until that is shown or its ends are reached."""
        for up in (True, False):
            while self._high[at] - self._low[at] <= width + _EXACT and self._steps < _LONGEST_WALK:
                column = self._towards(at, up)
                if column is None or not self._step(column):
                    break
        return bool(self._high[at] - self._low[at] > width + _EXACT)

    def _find_a_corner(self) -> None:
        while (self._basis < 0).any() and self._steps < _LONGEST_WALK:
            made_up = self._basis < 0
            gains = np.flatnonzero(self._table[made_up, :-1].sum(axis=0) > _EXACT)
            if not gains.size or self._table[made_up, -1].sum() <= _EXACT:
                break
            self._step(int(gains[0]))
        for row in np.flatnonzero(self._basis < 0):
            # A row the others imply is empty by now; any other can take a count that stands at its end.
            columns = np.flatnonzero(np.abs(self._table[row, :-1]) > _EXACT)
            if columns.size:
                self._pivot(int(row), int(columns[0]))
        kept = self._basis >= 0
        if self._table[~kept, -1].sum() > _EXACT:
            # The walk was cut short: no world is known but the true one, so nothing is found wide.
            self._steps = _LONGEST_WALK
            return
        self._table, self._basis = self._table[kept], self._basis[kept]
        self._look()

    def _towards(self, at: int, up: bool) -> int | None:
        """The first count whose rise moves this one the right way (Bland's rule, which never goes in circles)."""
        rows = np.flatnonzero(self._basis == at)
        if not rows.size:
            return at if up else None
        row = self._table[rows[0], :-1]
        moving = np.flatnonzero(row < -_EXACT if up else row > _EXACT)
        moving = moving[moving != at]
        return int(moving[0]) if moving.size else None

    def _step(self, column: int) -> bool:
        """To the next corner along one edge; False where the edge has no end."""
        self._steps += 1
        edge = self._table[:, column]
        falling = np.flatnonzero(edge > _EXACT)
        if not falling.size:
            self._high[column] = np.inf
            self._high[self._basis[edge < -_EXACT]] = np.inf
            return False
        reach = self._table[falling, -1] / edge[falling]
        nearest = falling[reach <= reach.min() + _EXACT]
        self._pivot(int(nearest[np.argmin(self._basis[nearest])]), column)
        self._look()
        return True

    def _pivot(self, row: int, column: int) -> None:
        table = self._table
        table[row] /= table[row, column]
        others = table[:, column].copy()
        others[row] = 0
        table -= np.outer(others, table[row])
        table[np.abs(table) < _EXACT] = 0
        self._basis[row] = column

    def _look(self) -> None:
        if (self._basis < 0).any():
            return
        world = np.zeros(len(self._low))
        world[self._basis] = self._table[:, -1]
        self._low, self._high = np.minimum(self._low, world), np.maximum(self._high, world)
