"""Comparison with a reference, with neighbours and with all authorities (METHODS 2.5)."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indicator_api.statistics.benchmark import (
    Quartiles,
    band,
    compare,
    quartiles,
    rank,
    summarise_group,
)
from services.indicator_api.statistics.intervals import Interval
from shared.schemas.figures import BenchmarkOutcome, Polarity, QuartileBand

HIGH, LOW, NONE = Polarity.high_is_good, Polarity.low_is_good, Polarity.no_judgement
FIGURE = Interval(20, 18, 22)
CUTS = Quartiles(0, 10, 20, 30, 40, 100)


@pytest.mark.parametrize(
    ("reference", "polarity", "outcome"),
    [
        (17, HIGH, BenchmarkOutcome.better),
        (17, LOW, BenchmarkOutcome.worse),
        (17, NONE, BenchmarkOutcome.higher),
        (23, HIGH, BenchmarkOutcome.worse),
        (23, LOW, BenchmarkOutcome.better),
        (23, NONE, BenchmarkOutcome.lower),
        (20, LOW, BenchmarkOutcome.similar),
        (18, HIGH, BenchmarkOutcome.similar),
        (22, NONE, BenchmarkOutcome.similar),
        (None, LOW, BenchmarkOutcome.not_compared),
    ],
)
def test_an_interval_is_set_against_a_reference(
    reference: float | None, polarity: Polarity, outcome: BenchmarkOutcome
) -> None:
    assert compare(FIGURE, reference, polarity) is outcome


def test_without_an_interval_nothing_is_compared() -> None:
    assert compare(None, 20, LOW) is BenchmarkOutcome.not_compared


def test_neighbours_are_summed_up_by_the_members_that_have_a_figure() -> None:
    found = summarise_group({"a": 10, "b": 20, "c": 60, "d": None}, HIGH, area="z")
    assert (found.n_members, found.n_available) == (4, 3)
    assert (found.mean, found.median) == (30, 20)
    assert (found.minimum, found.maximum, found.best) == (10, 60, 60)


def test_an_area_is_never_among_its_own_neighbours() -> None:
    assert summarise_group({"a": 10, "z": 1000}, LOW, area="z").mean == 10


def test_best_needs_a_judgement() -> None:
    assert summarise_group({"a": 10, "b": 20}, LOW, area="z").best == 10
    assert summarise_group({"a": 10, "b": 20}, NONE, area="z").best is None


def test_a_group_without_figures_has_none_to_show() -> None:
    found = summarise_group({"a": None}, LOW, area="z")
    assert (found.n_available, found.mean, found.median, found.best) == (0, None, None, None)


def test_quartiles_lie_between_order_statistics_as_in_r_type_7() -> None:
    found = quartiles([1.0, 2, 3, 4, None])
    assert found == Quartiles(1, 1.75, 2.5, 3.25, 4, 4)
    assert quartiles([7.0]) == Quartiles(7, 7, 7, 7, 7, 1)
    assert quartiles([None]) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60))
def test_quartiles_agree_with_the_inclusive_method_of_the_standard_library(values: list[float]) -> None:
    found = quartiles(values)
    assert found is not None
    expected = statistics.quantiles(values, n=4, method="inclusive")
    assert [found.q1, found.q2, found.q3] == pytest.approx(expected, abs=1e-6)
    assert (found.q0, found.q4) == (min(values), max(values))


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (0, "A", "D"),
        (10, "A", "D"),
        (10.1, "B", "C"),
        (20, "B", "C"),
        (30, "C", "B"),
        (30.1, "D", "A"),
        (40, "D", "A"),
    ],
)
def test_bands_close_at_their_upper_end_and_turn_with_polarity(value: float, low: str, high: str) -> None:
    assert band(value, CUTS, LOW) is QuartileBand(low)
    assert band(value, CUTS, HIGH) is QuartileBand(high)


def test_there_is_no_band_without_figure_judgement_or_range() -> None:
    assert band(None, CUTS, LOW) is None
    assert band(20, None, LOW) is None
    assert band(20, CUTS, NONE) is None
    assert band(41, CUTS, LOW) is None


def test_a_value_tied_across_a_quartile_is_in_the_better_band_of_a_low_measure() -> None:
    cuts = quartiles([0.1 + 0.2] * 3 + [0.9])
    assert band(0.1 + 0.2, cuts, LOW) is QuartileBand.A


def test_ties_share_the_smaller_rank() -> None:
    values = [10.0, 20, 20, 30, None]
    assert [rank(value, values, LOW) for value in values] == [1, 2, 2, 4, None]
    assert [rank(value, values, HIGH) for value in values] == [4, 2, 2, 1, None]
    assert rank(10, values, NONE) is None


@given(st.lists(st.integers(0, 20), min_size=1))
def test_ranks_begin_at_one_and_end_no_later_than_the_number_of_authorities(values: list[int]) -> None:
    ranks = [rank(value, values, LOW) for value in values]
    assert min(r for r in ranks if r) == 1
    assert max(r for r in ranks if r) <= len(values)
