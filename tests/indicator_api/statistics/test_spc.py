"""XmR charts: limits, rebases, gaps and assurance (METHODS 2.1 and 2.3)."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.indicator_api.statistics.spc import Analysis, analyse, end_of
from shared.schemas.figures import Assurance, Polarity, SpcLabel, SpcProfile

NONE = Polarity.no_judgement
# Mean 50.5; moving ranges 8 4 4 5 11 10 2 3 6 8 9 5 4, average 79/13.
SERIES = [46.0, 54, 50, 46, 51, 62, 52, 50, 53, 47, 55, 46, 51, 47]
SERIES_MEAN, SERIES_RANGE = 710 / 14, 79 / 13

whole = st.integers(0, 1000).map(float)
with_gaps = st.lists(st.one_of(whole, whole, whole, st.none()), max_size=40)


def chart(values: list[float | None] | list[float], polarity: Polarity = NONE, **options: object) -> Analysis:
    points = [(str(place), value) for place, value in enumerate(values)]
    return analyse(points, polarity, **options)  # type: ignore[arg-type]


def test_limits_stand_at_2_66_average_moving_ranges_and_near_limits_at_two_thirds() -> None:
    segment = chart(SERIES).segments[0]
    assert segment.mean == pytest.approx(SERIES_MEAN)
    assert segment.upl == pytest.approx(SERIES_MEAN + 2.66 * SERIES_RANGE)
    assert segment.lpl == pytest.approx(SERIES_MEAN - 2.66 * SERIES_RANGE)
    assert segment.near_upl == pytest.approx(SERIES_MEAN + 2.66 * SERIES_RANGE * 2 / 3)
    assert segment.near_lpl == pytest.approx(SERIES_MEAN - 2.66 * SERIES_RANGE * 2 / 3)
    assert (segment.first, segment.last, segment.n) == ("0", "13", 14)


def test_a_moving_range_beyond_3_267_averages_is_screened_out_once() -> None:
    values = [10.0, 12] * 7 + [60, 12]
    ranges = [2.0] * 13 + [48, 48]
    assert 3.267 * sum(ranges) / 15 <= 48
    screened, plain = chart(values), chart(values, screen_moving_ranges=False)
    mean = sum(values) / 16
    assert screened.segments[0].upl == pytest.approx(mean + 2.66 * 2)
    assert plain.segments[0].upl == pytest.approx(mean + 2.66 * sum(ranges) / 15)
    assert screened.moving_ranges_screened
    assert not plain.moving_ranges_screened


def test_screening_happens_once_and_not_again() -> None:
    # 100 goes; after it 20 lies beyond 3.267 times the new average, and stays.
    ranges = [1.0] * 20 + [20, 100]
    values = [0.0]
    for place, width in enumerate(ranges):
        values.append(values[-1] + (width if place % 2 else -width))
    kept = ranges[:-1]
    assert 3.267 * sum(kept) / len(kept) <= 20
    segment = chart(values).segments[0]
    assert segment.mean is not None
    assert segment.upl == pytest.approx(segment.mean + 2.66 * sum(kept) / len(kept))


def test_where_screening_leaves_only_noughts_the_unscreened_average_stands() -> None:
    values = [5.0] * 12 + [9.0]
    segment = chart(values).segments[0]
    assert segment.reason is None
    assert segment.upl == pytest.approx(sum(values) / 13 + 2.66 * 4 / 12)


def test_a_series_without_variation_gives_no_signal_and_says_so() -> None:
    found = chart([7.0] * 20, Polarity.high_is_good, target=5)
    assert found.segments[0].reason == "no_variation"
    assert (found.segments[0].lpl, found.segments[0].mean, found.segments[0].upl) == (7, 7, 7)
    assert {point.label for point in found.points} == {SpcLabel.common_cause}
    assert found.assurance is Assurance.consistent_pass


def test_float_noise_is_no_variation_and_no_side_of_the_mean() -> None:
    assert chart([0.1 + 0.2, 0.3] * 10).segments[0].reason == "no_variation"
    # Six points above, one exactly on the mean of 0.3, whose computed mean is off by a rounding error.
    values = [0.4, 0.5, 0.4, 0.5, 0.4, 0.5, 0.3, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2]
    assert chart(values).segments[0].mean == pytest.approx(0.3)
    assert not any(point.rules for point in chart(values).points)


def test_each_rebase_begins_a_segment_with_limits_of_its_own() -> None:
    values = [10.0, 12] * 7 + [30, 33] * 7
    found = chart(values, rebase_at=["14"])
    first, second = found.segments
    assert (first.first, first.last, second.first, second.last) == ("0", "13", "14", "27")
    assert (first.mean, second.mean) == (11, 31.5)
    assert first.upl == pytest.approx(11 + 2.66 * 2)
    assert second.upl == pytest.approx(31.5 + 2.66 * 3)
    assert not any(point.rules for point in found.points)
    assert [point.segment for point in found.points] == [0] * 14 + [1] * 14


def test_a_rebase_at_the_first_point_changes_nothing() -> None:
    assert chart(SERIES, rebase_at=["0"]) == chart(SERIES)


@pytest.mark.parametrize("rebase", ["99", ""])
def test_a_rebase_that_names_no_point_is_refused(rebase: str) -> None:
    with pytest.raises(ValueError, match="rebase_at"):
        chart(SERIES, rebase_at=[rebase])


def test_a_rebase_that_names_two_points_is_refused() -> None:
    with pytest.raises(ValueError, match="rebase_at"):
        analyse([("a", 1.0), ("a", 2.0)], NONE, rebase_at=["a"])


def test_a_baseline_sets_the_limits_for_the_rest() -> None:
    found = chart([*SERIES, 90.0], baseline_points=14)
    assert found.segments[0].mean == pytest.approx(SERIES_MEAN)
    assert found.segments[0].upl == pytest.approx(SERIES_MEAN + 2.66 * SERIES_RANGE)
    assert (found.segments[0].n, found.segments[0].n_limits) == (15, 14)
    assert found.points[-1].label is SpcLabel.special_cause_neutral_high


def test_a_baseline_counts_values_and_not_gaps() -> None:
    found = chart([10.0, None, 12, 11, 50, 60], baseline_points=3).segments[0]
    assert found.mean == 11
    assert found.n_limits == 3
    assert found.upl == pytest.approx(11 + 2.66 * 1)


def test_a_value_after_the_baseline_however_large_does_not_blur_its_limits() -> None:
    found = chart([1.0, 2, 1, 3, 2, 1, 2, 1e13], baseline_points=6)
    assert found.segments[0].reason is None
    assert found.points[-1].rules == ("outside_limits",)


def test_a_baseline_of_one_point_is_refused() -> None:
    with pytest.raises(ValueError, match="baseline"):
        chart(SERIES, baseline_points=1)


def test_no_moving_range_crosses_a_gap() -> None:
    found = chart([10.0, 12, None, 90, 92]).segments[0]
    assert found.mean == 51
    assert found.upl == pytest.approx(51 + 2.66 * 2)
    assert found.n == 4


def test_a_gap_has_neither_value_nor_label() -> None:
    gap = chart([10.0, None, 12]).points[1]
    assert (gap.value, gap.label, gap.rules) == (None, None, ())


@pytest.mark.parametrize("n", [1, 2, 5, 6, 12, 13])
def test_limits_of_fewer_than_13_points_are_on_trial_and_fewer_than_6_raise_nothing(n: int) -> None:
    segment = chart(SERIES[:n]).segments[0]
    assert segment.trial_limits is (n < 13)
    assert segment.may_raise_exceptions is (n >= 6)


@pytest.mark.parametrize("values", [[7.0], [7.0, None, 9.0], [None, None]])
def test_without_a_single_moving_range_there_are_no_limits(values: list[float | None]) -> None:
    found = chart(values, Polarity.high_is_good, target=1)
    segment = found.segments[0]
    assert (segment.lpl, segment.upl, segment.reason) == (None, None, "too_few_points")
    assert found.assurance is None
    assert {point.label for point in found.points} <= {SpcLabel.common_cause, None}


def test_an_empty_series_has_no_segment() -> None:
    assert chart([]) == Analysis((), (), None, SpcProfile.mdc_2023, True)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        chart([1.0, value])


@pytest.mark.parametrize(
    ("target", "polarity", "assurance"),
    [
        (90, Polarity.high_is_good, Assurance.consistent_fail),
        (90, Polarity.low_is_good, Assurance.consistent_pass),
        (10, Polarity.high_is_good, Assurance.consistent_pass),
        (10, Polarity.low_is_good, Assurance.consistent_fail),
        (50, Polarity.high_is_good, Assurance.inconsistent),
        (50, Polarity.low_is_good, Assurance.inconsistent),
        (90, Polarity.no_judgement, None),
        (None, Polarity.high_is_good, None),
    ],
)
def test_assurance_sets_the_limits_against_the_target(
    target: float | None, polarity: Polarity, assurance: Assurance | None
) -> None:
    assert chart(SERIES, polarity, target=target).assurance is assurance


def test_a_target_on_the_limit_itself_is_not_assured() -> None:
    upl = chart(SERIES).segments[0].upl
    assert chart(SERIES, Polarity.high_is_good, target=upl).assurance is Assurance.inconsistent


def test_float_noise_does_not_assure_a_target_on_the_limit() -> None:
    # The mean of three doubles of 0.1 is 0.10000000000000002.
    for polarity in (Polarity.high_is_good, Polarity.low_is_good):
        assert chart([0.1, 0.1, 0.1], polarity, target=0.1).assurance is Assurance.inconsistent


def test_assurance_looks_at_the_last_segment_only() -> None:
    values = [10.0, 12] * 7 + [30, 33] * 7
    assert chart(values, Polarity.high_is_good, target=20).assurance is Assurance.inconsistent
    rebased = chart(values, Polarity.high_is_good, target=20, rebase_at=["14"])
    assert rebased.assurance is Assurance.consistent_pass


@given(with_gaps, st.booleans())
def test_limits_lie_evenly_about_the_mean(values: list[float | None], screen: bool) -> None:
    for segment in chart(values, screen_moving_ranges=screen).segments:
        if segment.mean is not None and segment.upl is not None and segment.lpl is not None:
            assert segment.upl - segment.mean == pytest.approx(segment.mean - segment.lpl)
            assert segment.lpl <= segment.mean <= segment.upl


@given(with_gaps, st.integers(-500, 500))
def test_moving_every_point_by_as_much_changes_no_label(values: list[float | None], by: int) -> None:
    moved = [None if value is None else value + by for value in values]
    assert [p.rules for p in chart(values).points] == [p.rules for p in chart(moved).points]


@given(
    with_gaps.filter(bool), st.lists(st.integers(0, 3).map(float), max_size=9), st.lists(st.integers(0, 40), max_size=3)
)
@example([10.0, 11] * 8, [12.0, 13, 14, 15, 16, 17, 18], [])
@example([10.0, 11] * 8, [14.0, 15, 14, 15, 14, 15, 15], [3])
@example([10.0, 11] * 8, [10.0, 13.0, 12.9], [])
def test_the_end_of_a_chart_is_what_the_whole_chart_ends_with(
    values: list[float | None], last: list[float], rebases: list[int]
) -> None:
    points = [(str(place), value) for place, value in enumerate([*values, *last])]
    rebase_at = {str(place) for place in rebases if place < len(points)}
    whole = analyse(points, Polarity.high_is_good, rebase_at=rebase_at, target=12)
    end = end_of(points, Polarity.high_is_good, rebase_at=rebase_at, target=12)
    assert (end.segment, end.point, end.assurance) == (whole.segments[-1], whole.points[-1], whole.assurance)
    assert (end.profile, end.moving_ranges_screened) == (whole.profile, whole.moving_ranges_screened)
    assert list(end.periods) == [one.period for one in whole.points if one.segment == end.point.segment]


@given(with_gaps)
def test_turning_the_polarity_swaps_improvement_and_concern(values: list[float | None]) -> None:
    swapped = {
        SpcLabel.special_cause_improvement: SpcLabel.special_cause_concern,
        SpcLabel.special_cause_concern: SpcLabel.special_cause_improvement,
    }
    good, bad = chart(values, Polarity.high_is_good), chart(values, Polarity.low_is_good)
    for high, low in zip(good.points, bad.points, strict=True):
        assert low.label == (swapped.get(high.label, high.label) if high.label else None)


@given(with_gaps)
def test_turning_the_series_upside_down_turns_every_direction(values: list[float | None]) -> None:
    turned = chart([None if value is None else -value for value in values])
    for point, other in zip(chart(values).points, turned.points, strict=True):
        assert point.rules == other.rules
        assert point.high is None or point.high is not other.high
