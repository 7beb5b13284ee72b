"""p, u and c charts and Laney's primed ones (METHODS 2.8)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indicator_api.statistics.counts import c_chart, laney_sigma, p_chart, u_chart


def test_a_p_chart_has_three_sigma_limits_of_its_own_at_each_point() -> None:
    chart = p_chart([(10, 100), (30, 200), (20, 100), (40, 200)])
    centre = 100 / 600
    assert chart.centre == pytest.approx(centre)
    for point, n in zip(chart.points, (100, 200, 100, 200), strict=True):
        assert point is not None
        width = 3 * math.sqrt(centre * (1 - centre) / n)
        assert (point.lower, point.upper) == pytest.approx((centre - width, centre + width))
        assert not point.outside


def test_a_u_chart_divides_by_the_exposure() -> None:
    chart = u_chart([(5, 10), (15, 10), (60, 20)])
    assert chart.centre == pytest.approx(2.0)
    first, _, last = chart.points
    assert first is not None
    assert last is not None
    assert (first.lower, first.upper) == pytest.approx((2 - 3 * math.sqrt(0.2), 2 + 3 * math.sqrt(0.2)))
    assert first.outside
    assert last.upper == pytest.approx(2 + 3 * math.sqrt(0.1))


def test_a_c_chart_has_the_same_limits_throughout_and_never_below_nought() -> None:
    chart = c_chart([4.0, 2, 6, 4, 20])
    assert chart.centre == pytest.approx(7.2)
    assert {(point.lower, point.upper) for point in chart.points if point} == {(0.0, 7.2 + 3 * math.sqrt(7.2))}
    assert [point.outside for point in chart.points if point] == [False, False, False, False, True]


def test_laneys_factor_is_the_mean_step_between_z_scores_over_1_128() -> None:
    items = [(10.0, 100.0), (30.0, 100.0), (10.0, 100.0), (30.0, 100.0)]
    error = math.sqrt(0.2 * 0.8 / 100)
    chart = p_chart(items, primed=True)
    assert chart.sigma_z == pytest.approx(0.2 / error / 1.128)
    first = chart.points[0]
    assert first is not None
    assert first.upper == pytest.approx(0.2 + 3 * 0.2 / 1.128)
    assert not first.outside
    plain = p_chart(items)
    assert plain.sigma_z == chart.sigma_z
    assert plain.points[0] is not None
    assert plain.points[0].upper == pytest.approx(0.2 + 3 * error)


def test_a_gap_is_no_point_and_no_step() -> None:
    chart = c_chart([4.0, None, 9.0, 4.0], primed=True)
    assert chart.points[1] is None
    assert chart.centre == pytest.approx(17 / 3)
    assert laney_sigma([1.0, None, 5.0, 7.0]) == pytest.approx(2 / 1.128)
    assert laney_sigma([1.0, None, 5.0]) is None


def test_without_figures_there_is_no_chart() -> None:
    chart = p_chart([(None, 10), (0, 0)])
    assert (chart.centre, chart.points, chart.sigma_z) == (None, (None, None), None)


def test_what_cannot_be_counted_is_refused() -> None:
    for items in ([(5.0, 4.0)], [(-1.0, 4.0)], [(1.0, -4.0)], [(math.nan, 4.0)]):
        with pytest.raises(ValueError):
            p_chart(items)


@given(st.lists(st.integers(1, 300).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d))), min_size=1))
def test_limits_of_proportions_lie_within_nought_and_one_about_the_centre(
    items: list[tuple[int, int]],
) -> None:
    chart = p_chart(items)
    assert chart.centre is not None
    for point in chart.points:
        assert point is not None
        assert 0 <= point.lower <= chart.centre <= point.upper <= 1
