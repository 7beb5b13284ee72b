"""The trend of five annual points (METHODS 2.7)."""

from __future__ import annotations

import pytest

from services.indicator_api.statistics.trend import AnnualPoint, annual_trend
from shared.schemas.figures import Polarity, SpcLabel

RISE = [(20.0, 1.5), (22.0, 1.6), (23.0, 1.4), (25.5, 1.7), (27.0, 1.5)]


def years(values: list[tuple[float, float]], first: int = 2021) -> list[AnnualPoint]:
    return [AnnualPoint(first + place, value, value - half, value + half) for place, (value, half) in enumerate(values)]


def test_the_slope_is_weighted_least_squares() -> None:
    # Solved by the normal equations with a linear algebra library.
    found = annual_trend(years(RISE), Polarity.high_is_good)
    assert found.slope == pytest.approx(1.7470562, abs=1e-7)
    assert found.chi_square == pytest.approx(50.316649274, rel=1e-9)
    assert found.significant
    assert found.rising


@pytest.mark.parametrize(
    ("polarity", "rising", "falling"),
    [
        (Polarity.high_is_good, SpcLabel.special_cause_improvement, SpcLabel.special_cause_concern),
        (Polarity.low_is_good, SpcLabel.special_cause_concern, SpcLabel.special_cause_improvement),
        (Polarity.no_judgement, SpcLabel.special_cause_neutral_high, SpcLabel.special_cause_neutral_low),
    ],
)
def test_polarity_judges_the_direction(polarity: Polarity, rising: SpcLabel, falling: SpcLabel) -> None:
    assert annual_trend(years(RISE), polarity).label is rising
    assert annual_trend(years(RISE[::-1]), polarity).label is falling


def test_only_the_last_five_years_count() -> None:
    earlier = years([(90.0, 1.0), (10.0, 1.0)], first=2019)
    assert annual_trend(earlier + years(RISE), Polarity.high_is_good) == annual_trend(
        years(RISE), Polarity.high_is_good
    )


def test_a_rise_within_chance_is_no_trend() -> None:
    found = annual_trend(years([(20.0, 5.0), (21, 5), (20, 5), (22, 5), (21, 5)]), Polarity.high_is_good)
    assert not found.significant
    assert found.rising is None
    assert found.label is SpcLabel.common_cause


def test_one_year_that_makes_the_trend_alone_makes_none() -> None:
    # Significant over all five, but without the last year the slope turns round.
    values = [(20.0, 0.4), (19.9, 0.4), (19.8, 0.4), (19.7, 0.4), (24.0, 0.4)]
    found = annual_trend(years(values), Polarity.high_is_good)
    assert found.chi_square is not None
    assert found.chi_square > 9.549536
    assert not found.significant


def test_five_years_in_a_row_are_needed() -> None:
    assert annual_trend(years(RISE)[:4], Polarity.high_is_good).reason == "not_five_years_in_a_row"
    gap = [*years(RISE)[:2], *years(RISE[2:], first=2024)]
    assert annual_trend(gap, Polarity.high_is_good).reason == "not_five_years_in_a_row"
    assert annual_trend([], Polarity.high_is_good).reason == "not_five_years_in_a_row"


def test_every_year_needs_a_value_with_an_interval_of_some_width() -> None:
    for bad in (
        AnnualPoint(2025, None, None, None),
        AnnualPoint(2025, 27, 27, 27),
        AnnualPoint(2025, 27, None, 28),
    ):
        found = annual_trend([*years(RISE)[:4], bad], Polarity.high_is_good)
        assert (found.reason, found.significant, found.label) == ("no_interval", False, None)


def test_a_flat_series_has_no_direction() -> None:
    found = annual_trend(years([(20.0, 1.0)] * 5), Polarity.low_is_good)
    assert (found.slope, found.significant, found.rising) == (0, False, None)
