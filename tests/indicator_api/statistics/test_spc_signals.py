"""The four signals of a control chart, under both rule profiles (METHODS 2.2).

Most series here have a baseline with a mean of 50, limits of 36.7 and 63.3 and near limits of 41.1 and 58.9.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.indicator_api.statistics.spc import Analysis, analyse
from shared.schemas.figures import Polarity, SpcLabel, SpcProfile, SpcRule

OUTSIDE, TREND, TWO, SHIFT = SpcRule
# Seven 47.5 and seven 52.5 in turn: mean 50, every moving range 5.
BASELINE = [47.5, 52.5] * 7


def rules(
    tail: Sequence[float | None],
    profile: SpcProfile = SpcProfile.mdc_2023,
    polarity: Polarity = Polarity.no_judgement,
) -> Analysis:
    # A gap after the baseline keeps its last point out of the runs.
    points = [(str(place), value) for place, value in enumerate([*BASELINE, None, *tail])]
    found = analyse(points, polarity, profile, baseline_points=len(BASELINE))
    assert found.segments[0].upl == pytest.approx(63.3)
    assert found.segments[0].near_upl == pytest.approx(50 + 13.3 * 2 / 3)
    return found


def tail_rules(tail: Sequence[float | None], profile: SpcProfile = SpcProfile.mdc_2023) -> list[tuple[SpcRule, ...]]:
    return [point.rules for point in rules(tail, profile).points[len(BASELINE) + 1 :]]


def test_a_point_beyond_a_limit_is_outside_and_one_on_it_is_not() -> None:
    assert tail_rules([64.0, 36.0]) == [(OUTSIDE,), (OUTSIDE,)]
    assert tail_rules([63.3, 36.7]) == [(), ()]


def test_seven_points_on_one_side_are_a_shift_and_six_are_not() -> None:
    assert tail_rules([51.0, 52, 51, 52, 51, 52, 51]) == [(SHIFT,)] * 7
    assert tail_rules([51.0, 52, 51, 52, 51, 52]) == [()] * 6
    assert tail_rules([51.0, 52, 51, 52, 51, 52, 51, 53, 49]) == [(SHIFT,)] * 8 + [()]


def test_a_point_on_the_mean_breaks_a_shift() -> None:
    assert tail_rules([51.0, 52, 51, 50, 51, 52, 51, 52]) == [()] * 8


def test_a_gap_breaks_a_shift() -> None:
    assert tail_rules([51.0, 52, 51, None, 51, 52, 51, 52]) == [()] * 8


def test_six_strict_moves_the_same_way_are_a_trend_and_all_seven_points_are_flagged() -> None:
    assert tail_rules([48.0, 48.5, 49, 50, 50.5, 51, 52]) == [(TREND,)] * 7
    assert tail_rules([48.0, 48.5, 49, 50, 50.5, 51]) == [()] * 6
    assert tail_rules([52.0, 51, 50.5, 50, 49, 48.5, 48, 47]) == [(TREND,)] * 8


def test_a_tie_breaks_a_trend() -> None:
    assert tail_rules([48.0, 48.5, 49, 49, 50.5, 51, 52, 53]) == [()] * 8


def test_a_gap_breaks_a_trend() -> None:
    assert tail_rules([47.0, 48, 49, None, 50.5, 51, 52, 53]) == [()] * 8


def test_a_trend_points_where_its_moves_go_and_not_to_the_side_of_the_mean() -> None:
    rise = [45.0, 46, 47, 48, 48.5, 49, 49.5]
    labels = [point.label for point in rules(rise, polarity=Polarity.high_is_good).points[-7:]]
    assert labels == [SpcLabel.special_cause_improvement] * 7


def test_where_a_rise_and_a_fall_meet_the_later_one_gives_the_direction() -> None:
    peak = [46.0, 47, 48, 49, 51, 52, 53, 52.5, 51.5, 50.5, 49.5, 48.5, 47.5]
    highs = [point.high for point in rules(peak).points[-13:]]
    assert highs == [True] * 6 + [False] * 7


def test_two_of_three_beyond_the_near_limit_on_one_side_flag_the_outer_points() -> None:
    assert tail_rules([60.0, 52, 61]) == [(TWO,), (), (TWO,)]
    assert tail_rules([60.0, 61, 52]) == [(TWO,), (TWO,), ()]
    assert tail_rules([40.0, 39, 38]) == [(TWO,)] * 3


def test_two_of_three_need_the_third_point_on_the_same_side() -> None:
    assert tail_rules([60.0, 49, 61]) == [(), (), ()]
    assert tail_rules([60.0, 50, 61]) == [(), (), ()]
    assert tail_rules([60.0, None, 61]) == [(), (), ()]
    assert tail_rules([60.0, 61]) == [(), ()]
    assert tail_rules([60.0, 40, 39]) == [(), (), ()]


def test_a_point_on_the_near_limit_is_not_beyond_it() -> None:
    assert tail_rules([50 + 2.66 * 5 * 2 / 3, 52, 61]) == [(), (), ()]


def test_the_profiles_differ_on_points_outside_the_limits() -> None:
    tail = [60.0, 52, 70]
    assert tail_rules(tail, SpcProfile.mdc_2023) == [(TWO,), (), (OUTSIDE, TWO)]
    assert tail_rules(tail, SpcProfile.nhsr_0_2) == [(), (), (OUTSIDE,)]
    between = [60.0, 52, 61]
    assert tail_rules(between, SpcProfile.nhsr_0_2) == tail_rules(between, SpcProfile.mdc_2023)


def test_the_profile_stands_in_the_result() -> None:
    assert rules([51.0], SpcProfile.nhsr_0_2).profile is SpcProfile.nhsr_0_2


def test_the_first_rule_in_order_decides_the_label_of_a_point() -> None:
    # A fall that starts above the upper limit: outside first, then the trend, though all lie above the mean.
    fall = [64.0, 58, 57, 56, 55, 54, 53]
    points = rules(fall, polarity=Polarity.high_is_good).points[-7:]
    assert points[0].rules == (OUTSIDE, TREND, SHIFT)
    assert points[0].label is SpcLabel.special_cause_improvement
    assert points[1].rules == (TREND, SHIFT)
    assert {point.label for point in points[1:]} == {SpcLabel.special_cause_concern}


@pytest.mark.parametrize(
    ("polarity", "above", "below"),
    [
        (Polarity.high_is_good, SpcLabel.special_cause_improvement, SpcLabel.special_cause_concern),
        (Polarity.low_is_good, SpcLabel.special_cause_concern, SpcLabel.special_cause_improvement),
        (Polarity.no_judgement, SpcLabel.special_cause_neutral_high, SpcLabel.special_cause_neutral_low),
    ],
)
def test_polarity_names_the_direction(polarity: Polarity, above: SpcLabel, below: SpcLabel) -> None:
    points = rules([70.0, 30.0], polarity=polarity).points[-2:]
    assert [point.label for point in points] == [above, below]


def test_no_run_crosses_a_rebase() -> None:
    values = [10.0, 12, 10, 12, 11, 12, 13, 14, 15, 16, 17, 18, 17, 16]
    points = [(str(place), value) for place, value in enumerate(values)]
    whole = analyse(points, Polarity.no_judgement)
    assert any(TREND in point.rules for point in whole.points)
    split = analyse(points, Polarity.no_judgement, rebase_at=["8"])
    assert not any(TREND in point.rules for point in split.points)
