"""Intervals against published figures, and what holds for any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback_api.intervals import (
    Spread,
    mean_change,
    paired_change,
    share_change,
    share_interval,
    spread_of,
    student_quantile,
)

counts = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@pytest.mark.parametrize(
    ("part", "whole", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_s_interval_agrees_with_newcombe_s_published_examples(
    part: int, whole: int, lower: float, upper: float
) -> None:
    found = share_interval(part, whole)
    assert found is not None
    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)


@pytest.mark.parametrize(
    ("now", "before", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombe_s_interval_of_a_difference_agrees_with_his_published_table(
    now: tuple[int, int], before: tuple[int, int], lower: float, upper: float
) -> None:
    found = share_change(now, before)
    assert found is not None
    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)


@pytest.mark.parametrize(
    ("freedom", "confidence", "value"),
    [(1, 0.95, 12.706), (4, 0.95, 2.776), (10, 0.95, 2.228), (10, 0.99, 3.169), (30, 0.9, 1.697), (120, 0.95, 1.980)],
)
def test_student_s_quantiles_agree_with_the_tables(freedom: float, confidence: float, value: float) -> None:
    assert round(student_quantile(freedom, confidence), 3) == value


def test_welch_s_interval_agrees_with_a_calculation_by_hand() -> None:
    # Variances 4 and 9 over 16 and 25: error 0.781, 38.96 degrees of freedom.
    found = mean_change(Spread(16, 10.0, 4.0), Spread(25, 8.0, 9.0))
    assert found is not None
    assert (round(found.value, 3), round(found.lower, 3), round(found.upper, 3)) == (2.0, 0.42, 3.58)


def test_pairs_are_measured_by_their_own_differences() -> None:
    found = paired_change({0: 2, 1: 5, 2: 3})
    assert found is not None
    assert (round(found.value, 3), round(found.lower, 3), round(found.upper, 3)) == (1.1, 0.572, 1.628)
    assert paired_change({1: 1}) is None


def test_nobody_has_no_interval() -> None:
    assert share_interval(0, 0) is None
    assert share_change((0, 0), (1, 2)) is None
    assert spread_of({}) is None
    assert mean_change(Spread(1, 3.0, 0.0), Spread(9, 3.0, 1.0)) is None


@given(counts, counts)
def test_a_difference_lies_in_its_interval_and_turns_with_its_sides(
    now: tuple[int, int], before: tuple[int, int]
) -> None:
    there, back = share_change(now, before), share_change(before, now)
    if there is None or back is None:
        assert 0 in (now[1], before[1])
        return
    assert -1 <= there.lower <= there.value + 1e-12
    assert there.value - 1e-12 <= there.upper <= 1
    assert back.lower == pytest.approx(-there.upper)


@given(st.dictionaries(st.integers(1, 5), st.integers(0, 50)))
def test_a_mean_lies_between_the_points_that_were_given(answers: dict[int, int]) -> None:
    spread = spread_of(answers)
    given_points = [point for point, times in answers.items() if times]
    if spread is None:
        assert not given_points
    else:
        assert min(given_points) - 1e-9 <= spread.mean <= max(given_points) + 1e-9
        assert spread.variance >= 0
