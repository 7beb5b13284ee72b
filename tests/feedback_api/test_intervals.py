"""Intervals of proportions and of their differences, against published worked values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.feedback_api.intervals import share_change, share_interval


@pytest.mark.parametrize(
    ("count", "of", "lower", "upper"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_limits_are_the_published_ones(count: int, of: int, lower: float, upper: float) -> None:
    found = share_interval(count, of)
    assert found is not None
    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)


@pytest.mark.parametrize(
    ("first", "second", "lower", "upper"),
    # Statistics in Medicine 17 (1998) 873-890, table II, method 10.
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0),
     ((5, 56), (0, 29), -0.0381, 0.1926)],
)  # fmt: skip
def test_limits_of_a_difference_are_the_published_ones(
    first: tuple[int, int], second: tuple[int, int], lower: float, upper: float
) -> None:
    found = share_change(first, second)
    assert found is not None
    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)


@given(some.integers(0, 400), some.integers(0, 400), some.integers(0, 400), some.integers(0, 400))
def test_limits_hold_their_estimate_and_turn_round_with_it(a: int, b: int, c: int, d: int) -> None:
    (x, n), (y, m) = sorted((a, b)), sorted((c, d))
    one, other = share_change((x, n), (y, m)), share_change((y, m), (x, n))
    assert (one is None) is (n == 0 or m == 0)
    if one is not None and other is not None:
        assert -1 <= one.lower <= one.value <= one.upper <= 1
        assert one.lower == pytest.approx(-other.upper)


def test_nobody_has_no_proportion() -> None:
    assert share_interval(0, 0) is None
