"""Small numbers: what is hidden as small, and what goes with it (METHODS 2.11, points 1, 2 and 4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.schemas.figures import Measure, ValueStatus
from shared.suppression import Cell, Policy, derive, hide, is_small, must_hide, protect, protect_series

COUNT = Policy(Measure.count)
PERCENTAGE = Policy(Measure.percentage)
RATE = Policy(Measure.rate)
MEAN = Policy(Measure.mean)


def share(numerator: int, denominator: int, official: bool = False) -> Cell:
    value = 100 * numerator / denominator if denominator else None
    status = None if denominator else ValueStatus.z
    return Cell(value, status, numerator, denominator, lower=1.0, upper=99.0, official=official)


@pytest.mark.parametrize(("count", "small"), [(0, False), (1, True), (5, True), (6, False), (None, False)])
def test_a_count_of_one_to_five_is_small(count: int | None, small: bool) -> None:
    assert is_small(count) is small


def test_a_small_count_becomes_c_and_a_real_nought_stays() -> None:
    assert protect(Cell(3), COUNT) == Cell(None, ValueStatus.c)
    assert protect(Cell(0), COUNT) == Cell(0)
    assert protect(Cell(6), COUNT) == Cell(6)


def test_the_threshold_is_a_setting() -> None:
    assert must_hide(Cell(9), Policy(Measure.count, threshold=9))
    assert not must_hide(Cell(3), Policy(Measure.count, threshold=2))


def test_a_small_rest_hides_as_a_small_count_does() -> None:
    assert protect(share(97, 100), PERCENTAGE) == Cell(None, ValueStatus.c, denominator=100)
    assert protect(share(94, 100), PERCENTAGE) == share(94, 100)
    assert protect(share(100, 100), PERCENTAGE) == share(100, 100)
    assert protect(Cell(97, numerator=97, denominator=100), COUNT).value is None


def test_a_percentage_and_its_interval_go_with_the_hidden_count() -> None:
    hidden = protect(share(4, 80), PERCENTAGE)
    assert (hidden.value, hidden.status, hidden.numerator) == (None, ValueStatus.c, None)
    assert (hidden.lower, hidden.upper, hidden.denominator) == (None, None, 80)


def test_a_small_denominator_hides_the_figure_and_itself() -> None:
    assert protect(share(0, 4), PERCENTAGE) == Cell(None, ValueStatus.c)
    assert protect(Cell(12.5, denominator=4), MEAN) == Cell(None, ValueStatus.c)
    assert protect(Cell(12.5, denominator=40), MEAN) == Cell(12.5, denominator=40)


def test_none_of_many_is_a_real_nought() -> None:
    assert protect(share(0, 60), PERCENTAGE) == share(0, 60)


def test_a_rate_needs_its_count_and_a_percentage_both_counts_to_be_found_safe() -> None:
    assert protect(Cell(6.5), RATE).status is ValueStatus.c
    assert protect(Cell(65.0, numerator=437), RATE).value == 65.0
    assert protect(Cell(20.0, numerator=40), PERCENTAGE).status is ValueStatus.c
    assert protect(Cell(13.4), MEAN).status is ValueStatus.c


def test_what_is_not_about_people_is_never_hidden() -> None:
    posts = Policy(Measure.count, people=False)
    assert protect(Cell(3), posts) == Cell(3)
    assert protect(share(1, 2), Policy(Measure.percentage, people=False)) == share(1, 2)


def test_an_officially_published_figure_comes_back_as_published() -> None:
    assert protect(share(3, 80, official=True), PERCENTAGE) == share(3, 80, official=True)
    suppressed = Cell(None, ValueStatus.c, official=True)
    assert protect(suppressed, PERCENTAGE) == suppressed


def test_an_absent_figure_keeps_its_symbol_but_not_a_small_count_behind_it() -> None:
    absent = protect(Cell(None, ValueStatus.x, numerator=2, denominator=50), PERCENTAGE)
    assert absent == Cell(None, ValueStatus.x, denominator=50)
    assert protect(Cell(None, ValueStatus.z), COUNT) == Cell(None, ValueStatus.z)


def test_a_figure_hidden_for_a_sum_loses_the_same_as_a_small_one() -> None:
    assert hide(share(40, 80), PERCENTAGE) == Cell(None, ValueStatus.c, denominator=80)


def test_a_figure_made_from_a_hidden_one_is_hidden() -> None:
    shown, hidden = Cell(10), protect(Cell(2), COUNT)
    assert derive(12, [shown, hidden]) == (None, ValueStatus.c)
    assert derive(20, [shown, shown]) == (20, None)
    assert derive(None, [shown, Cell(None, ValueStatus.x)]) == (None, ValueStatus.x)
    assert derive(None, [Cell(None, ValueStatus.z)]) == (None, ValueStatus.z)
    assert derive(5, [Cell(None, ValueStatus.x), hidden]) == (None, ValueStatus.c)


shares = st.integers(0, 40).flatmap(lambda whole: st.builds(share, st.integers(0, whole), st.just(whole)))


@given(st.lists(shares, max_size=12))
def test_no_protected_series_shows_a_small_count_or_a_small_rest(series: list[Cell]) -> None:
    for cell in protect_series(series, PERCENTAGE):
        assert not is_small(cell.denominator)
        if cell.numerator is not None and cell.denominator is not None:
            assert not is_small(cell.numerator)
            assert not is_small(float(cell.denominator) - float(cell.numerator))
        assert (cell.value is None) == (cell.status is not None)


@given(shares)
def test_protecting_twice_changes_nothing_more(cell: Cell) -> None:
    once = protect(cell, PERCENTAGE)
    assert protect(once, PERCENTAGE) == once
