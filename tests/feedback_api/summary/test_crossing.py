"""Two-way tables: what is hidden cannot be narrowed down, tried with every table that reads the same."""

from __future__ import annotations

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
    places = np.argwhere(hidden)
    if not 0 < len(places) <= 6:
        return
    # A row for every way to fill the hidden cells; those stay that add up as the true ones do, in each line.
    filled = 1 + np.indices(wholes[places[:, 1]]).reshape(len(places), -1).T
    for line_of in places.T:
        for line in set(line_of):
            filled = filled[filled[:, line_of == line].sum(1) == counts[hidden][line_of == line].sum()]
    assert (np.ptp(filled, axis=0) > LIMIT).all()
