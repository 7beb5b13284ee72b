"""Two-way tables: what is hidden cannot be narrowed down, tried with every table that reads the same."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from services.feedback_api.summary.crossing import Crossing, Mask, hide_crossing

LIMIT = 2


def hide(counts: list[list[int]], wholes: list[int], threshold: int = 5) -> Mask:
    rows, columns = len(counts), len(wholes)
    nothing = np.zeros(rows, bool), np.zeros(columns, bool)
    return hide_crossing(Crossing(np.array(counts), np.array(wholes), *nothing), threshold)


def test_a_small_cell_is_hidden_with_three_others_that_it_can_move_against() -> None:
    hidden = hide([[3, 40, 50], [20, 30, 60], [70, 80, 90]], [200, 300, 400])
    assert hidden.tolist() == [[True, True, False], [True, True, False], [False, False, False]]


def test_a_table_without_small_cells_is_shown_whole() -> None:
    assert not hide([[8, 0], [9, 10]], [30, 30]).any()


def test_almost_all_of_a_column_is_as_telling_as_almost_none() -> None:
    assert hide([[28, 40], [20, 30]], [30, 90])[0, 0]


def test_what_cannot_be_made_safe_is_withheld_as_a_whole() -> None:
    assert hide([[3, 40]], [50, 60]).all()


@settings(max_examples=400, deadline=None)
@given(some.lists(some.lists(some.integers(0, 6), min_size=3, max_size=3), min_size=2, max_size=3), some.integers(0, 3))
def test_every_hidden_cell_has_readings_further_apart_than_the_threshold(rows: list[list[int]], more: int) -> None:
    counts = np.array(rows)
    # No record has two of the rows more often than not, so that a column is made of at least its largest cell.
    wholes = counts.max(axis=0) + more
    table = Crossing(counts, wholes, np.zeros(len(rows), bool), np.zeros(3, bool))
    hidden = hide_crossing(table, LIMIT)
    if hidden.all():
        return
    places = [tuple(place) for place in np.argwhere(hidden)]
    if len(places) > 6:
        return
    seen: dict[tuple[int, ...], set[int]] = {place: set() for place in places}
    for values in product(*(range(1, wholes[column] + 1) for _, column in places)):
        other = counts.copy()
        for place, value in zip(places, values, strict=True):
            other[place] = value
        if (other.sum(0) == counts.sum(0)).all() and (other.sum(1) == counts.sum(1)).all():
            for place, value in zip(places, values, strict=True):
                seen[place].add(value)
    assert all(max(found) - min(found) > LIMIT for found in seen.values())
