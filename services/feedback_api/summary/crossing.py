"""Two-way tables of counts, as of themes by service: which cells to hide so that none can be narrowed down. Pure.

The sum of each row and column that is shown itself is taken as known, and of such a column also how many records it is
made of, which no cell can pass. A hidden cell is safe where counts can be moved between it and other hidden cells, up
and down together by more than the threshold, so that every sum stays: round a rectangle, or along a row or column to
another one whose sum is not known. Each such move gives another table that reads the same to everyone. Where none can
be found the table is withheld as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_PLENTY = 2**40


@dataclass(frozen=True)
class Crossing:
    """The table, how many records each column is made of, and which rows and columns are hidden as a whole."""

    counts: Counts
    wholes: Counts
    rows_hidden: Mask
    columns_hidden: Mask

    @property
    def forced(self) -> Mask:
        found: Mask = self.rows_hidden[:, np.newaxis] | self.columns_hidden[np.newaxis, :]
        return found

    @property
    def rest(self) -> Counts:
        """By how much a cell could be larger for all a reader knows."""
        found: Counts = np.where(self.columns_hidden, _PLENTY, self.wholes - self.counts)
        return found


def hide_crossing(table: Crossing, threshold: int, also: Mask | None = None) -> Mask:
    """The cells to hide: small ones and small rests, the forced ones, `also`, and others until all are safe."""
    counts = table.counts
    small = _small(counts, threshold) | _small(table.wholes - counts, threshold)
    # Noughts are shown, so that only a forced cell can be one.
    may_hide: Mask = table.forced | (counts > 0)
    hidden: Mask = table.forced | (small & may_hide)
    if also is not None:
        hidden |= also & may_hide
    settled = False
    while not settled:
        settled = True
        for row, column in np.argwhere(hidden):
            if _safe_along(table, row, column, threshold):
                continue
            reachable = (_room(table, row, column) > threshold) & _corners(may_hide, row, column)
            if (reachable & _corners(hidden, row, column)).any():
                continue
            corner = _cheapest(counts, hidden, reachable, row, column)
            if corner is None:
                return np.ones_like(hidden)
            hidden[corner[0], corner[1]] = hidden[corner[0], column] = hidden[row, corner[1]] = True
            settled = False
    return hidden


def _small(counts: Counts, threshold: int) -> Mask:
    return (counts > 0) & (counts <= threshold)


def _falls(table: Crossing) -> Counts:
    """By how much each cell could be less: a hidden one is known not to be nought, unless it is forced."""
    found: Counts = np.maximum(table.counts - np.where(table.forced, 0, 1), 0)
    return found


def _safe_along(table: Crossing, row: int, column: int, threshold: int) -> bool:
    """Whether the cell can move against one in another column, or row, whose sum is as little known as its own."""
    falls, rest = _falls(table), table.rest
    in_row, in_column = table.rows_hidden[row], table.columns_hidden[column]
    if in_row and in_column:
        return True
    if in_column:
        others = table.columns_hidden.copy()
        others[column] = False
        return bool((falls[row, column] + falls[row, others] > threshold).any())
    if in_row:
        others = table.rows_hidden.copy()
        others[row] = False
        up = np.minimum(falls[others, column], rest[row, column])
        down = np.minimum(falls[row, column], rest[others, column])
        return bool((up + down > threshold).any())
    return False


def _room(table: Crossing, row: int, column: int) -> Counts:
    """By how much in all the cell can move along the rectangle to each other corner; 0 in its own row and column."""
    falls, rest = _falls(table), table.rest
    across, along = np.s_[row : row + 1, :], np.s_[:, column : column + 1]
    up = np.minimum(np.minimum(falls[across], falls[along]), np.minimum(rest[row, column], rest))
    down = np.minimum(np.minimum(falls[row, column], falls), np.minimum(rest[across], rest[along]))
    room: Counts = up + down
    room[row, :] = 0
    room[:, column] = 0
    return room


def _corners(mask: Mask, row: int, column: int) -> Mask:
    """The cells that make a rectangle with this one whose other three corners are all in the mask."""
    found: Mask = mask & mask[row : row + 1, :] & mask[:, column : column + 1]
    return found


def _cheapest(counts: Counts, hidden: Mask, reachable: Mask, row: int, column: int) -> tuple[int, int] | None:
    """The corner that hides the fewest records more."""
    if not reachable.any():
        return None
    shown = np.where(hidden, 0, counts)
    cost = shown + shown[row : row + 1, :] + shown[:, column : column + 1]
    place = int(np.where(reachable, cost, _PLENTY).argmin())
    return place // counts.shape[1], place % counts.shape[1]
