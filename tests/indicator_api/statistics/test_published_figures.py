"""Published figures of Dorset, its neighbours and England come back to the digit.

Source: statistics of the Department for Education under the Open Government Licence v3.0. The Local Authority
Interactive Tool (April 2026), children in need, children looked after, and the social work workforce.
"""

from __future__ import annotations

import pytest

from services.indicator_api.statistics.benchmark import (
    Quartiles,
    band,
    compare,
    quartiles,
    rank,
    summarise_group,
)
from services.indicator_api.statistics.intervals import proportion_interval, rate_interval
from services.indicator_api.statistics.spc import analyse
from services.indicator_api.statistics.trend import AnnualPoint, annual_trend
from services.indicator_api.statistics.workforce import agency_rate, caseload, turnover_rate, vacancy_rate
from shared.schemas.figures import BenchmarkOutcome, Polarity, QuartileBand, SpcLabel, SpcRule, round_figure

# Interactive tool, children looked after per 10,000, 2025; neighbours of the April 2021 and May 2025 models.
LOOKED_AFTER_2021_SET = dict(
    zip(
        ("878", "933", "893", "916", "885", "845", "935", "908", "865", "926"),
        (57.0, 55.0, 119.0, 57.0, 86.0, 66.0, 60.0, 60.0, 46.0, 62.0),
        strict=True,
    )
)
LOOKED_AFTER_2025_SET = dict(
    zip(
        ("933", "878", "893", "935", "885", "881", "830", "886", "938", "815"),
        (55.0, 57.0, 119.0, 60.0, 86.0, 35.0, 66.0, 53.0, 54.0, 48.0),
        strict=True,
    )
)
# Interactive tool, re-referrals within 12 months (%), 2025: every authority with a figure.
_RE_REFERRALS_2025 = """
    15.8 18.3 13.1 19.9 15.3 16.8 21.0 21.3 20.9 17.0 24.5 17.9 18.6 21.8 14.8 21.9 14.2 23.8 26.8 19.5 22.6
    18.7 15.6 16.3 20.9 12.1 15.0 21.3 14.9 16.8 16.4 18.3 19.1 20.7 18.5 22.5 22.7 26.3 19.7 20.8 15.5 30.5
    19.8 26.2 22.2 20.5 26.0 18.4 21.1 17.2 23.4 21.5 27.7 18.0 19.7 25.5 29.4 19.6 16.5 22.9 20.4 19.7 24.2
    18.5 13.9 17.2 24.7 17.2 18.5 0.0 13.4 23.2 15.4 17.1 26.5 25.3 14.6 28.8 21.7 16.4 21.4 14.0 19.8 23.2
    18.9 23.3 15.9 22.8 20.3 28.9 23.1 14.7 22.6 18.7 13.0 16.6 23.6 41.0 23.9 20.2 25.5 16.8 26.8 14.2 21.0
    18.7 23.0 19.2 19.6 21.7 22.9 20.7 16.8 29.2 19.8 19.0 16.9 19.7 26.0 24.3 15.4 17.1 16.0 14.8 17.8 21.6
    24.8 16.3 21.5 23.4 23.1 27.2 12.9 15.8 15.8 23.0 27.9 22.4 15.8 46.7 22.9 17.9 20.0 17.7 22.1 20.1 20.5
    17.0 24.4 23.9 23.9 22.7 16.5
"""
RE_REFERRALS_2025 = [float(value) for value in _RE_REFERRALS_2025.split()]
# Children in need, referrals by month, April 2012 to March 2022: 84 months of the county, 36 of the council.
_REFERRALS = """
    202 341 221 257 257 194 342 265 156 280 263 231 250 301 274 264 247 303 295 291 222 268 274 273
    279 320 332 426 333 508 452 403 395 334 367 429 392 272 431 369 341 447 372 406 379 371 403 486
    402 395 411 293 346 479 418 473 373 428 376 453 339 529 512 486 296 353 410 490 280 443 394 362
    381 529 489 594 376 347 415 400 331 321 238 265 184 262 270 342 215 233 264 258 210 311 293 295
    168 250 259 250 222 211 287 231 228 197 230 252 239 220 233 231 157 249 286 290 226 222 258 288
"""
REFERRALS = [float(value) for value in _REFERRALS.split()]
MONTHS = [f"{2012 + (place + 3) // 12}-{(place + 3) % 12 + 1:02d}" for place in range(120)]


def test_the_neighbours_of_2021_and_of_2025_give_different_means_and_medians() -> None:
    of_2021 = summarise_group(LOOKED_AFTER_2021_SET, Polarity.no_judgement, area="838")
    of_2025 = summarise_group(LOOKED_AFTER_2025_SET, Polarity.no_judgement, area="838")
    assert (of_2021.mean, of_2021.median, of_2021.n_available) == pytest.approx((66.8, 60.0, 10))
    assert (of_2025.mean, of_2025.median, of_2025.n_available) == pytest.approx((63.3, 56.0, 10))
    assert (of_2025.minimum, of_2025.maximum, of_2025.best) == (35.0, 119.0, None)


def test_children_looked_after_in_dorset_at_31_march_2025() -> None:
    found = rate_interval(437, 67_149)
    assert found is not None
    assert round_figure(found.value, 0) == 65
    # England 67, neighbours 63.3 and 56: only the median of the 2025 neighbours lies outside the interval.
    assert compare(found, 67, Polarity.no_judgement) is BenchmarkOutcome.similar
    assert compare(found, 63.3, Polarity.no_judgement) is BenchmarkOutcome.similar
    assert compare(found, 56, Polarity.no_judgement) is BenchmarkOutcome.higher


@pytest.mark.parametrize(
    ("children", "population", "rate"),
    # Dorset 2021 to 2025, then England 2025 (rounded counts).
    [
        (450, 66_203, 68),
        (450, 65_983, 68),
        (433, 66_267, 65),
        (447, 66_436, 67),
        (437, 67_149, 65),
        (81_770, 12_183_016, 67),
    ],
)
def test_published_rates_of_children_looked_after(children: int, population: int, rate: int) -> None:
    found = rate_interval(children, population)
    assert found is not None
    assert round_figure(found.value, 0) == rate


@pytest.mark.parametrize(
    ("part", "whole", "percentage"),
    [
        # Re-referrals: Dorset 2021 to 2025, England 2013 and 2025.
        (567, 2785, "20.4"),
        (488, 2899, "16.8"),
        (486, 2978, "16.3"),
        (345, 2454, "14.1"),
        (346, 2349, "14.7"),
        (146_770, 593_470, "24.7"),
        (142_900, 632_830, "22.6"),
        # Second or subsequent child protection plans: Dorset 2020 to 2025.
        (120, 393, "30.5"),
        (123, 490, "25.1"),
        (136, 431, "31.6"),
        (74, 355, "20.8"),
        (104, 357, "29.1"),
        (92, 335, "27.5"),
    ],
)
def test_published_percentages(part: int, whole: int, percentage: str) -> None:
    found = proportion_interval(part, whole, multiplier=100)
    assert found is not None
    assert str(round_figure(found.value, 1)) == percentage


def test_re_referrals_of_dorset_2025_are_in_the_best_quarter_and_twelfth() -> None:
    cuts = quartiles(RE_REFERRALS_2025)
    assert cuts == Quartiles(0.0, 16.9, 20.0, 23.0, 46.7, 153)
    assert band(14.7, cuts, Polarity.low_is_good) is QuartileBand.A
    assert rank(14.7, RE_REFERRALS_2025, Polarity.low_is_good) == 12
    # An authority on the very quartile belongs to the better band.
    assert band(16.9, cuts, Polarity.low_is_good) is QuartileBand.A
    assert band(17.0, cuts, Polarity.low_is_good) is QuartileBand.B
    interval = proportion_interval(346, 2349, multiplier=100)
    assert compare(interval, 22.6, Polarity.low_is_good) is BenchmarkOutcome.better


def test_second_plans_of_dorset_2025_are_above_england_but_not_beyond_chance() -> None:
    interval = proportion_interval(92, 335, multiplier=100)
    assert compare(interval, 24.5, Polarity.low_is_good) is BenchmarkOutcome.similar


def test_re_referrals_of_dorset_fell_over_five_years() -> None:
    counts = [(567, 2785), (488, 2899), (486, 2978), (345, 2454), (346, 2349)]
    points = []
    for place, (part, whole) in enumerate(counts):
        found = proportion_interval(part, whole, multiplier=100)
        assert found is not None
        points.append(AnnualPoint(2021 + place, found.value, found.lower, found.upper))
    trend = annual_trend(points, Polarity.low_is_good)
    assert trend.label is SpcLabel.special_cause_improvement
    assert trend.rising is False


@pytest.mark.parametrize(
    ("in_post", "leavers", "agency", "vacancies", "holders", "cases", "published"),
    # Full-time equivalents at 30 September: Dorset 2023, 2024, 2025, England 2025.
    [
        (199.6, 41.0, 38.1, 56.0, 134.7, 2061.0, ("20.5", "16.0", "21.9", "15.3")),
        (205.1, 24.7, 48.4, 51.0, 135.7, 1784.0, ("12.0", "19.1", "19.9", "13.1")),
        (215.7, 17.1, 29.8, 50.0, 140.3, 1885.0, ("7.9", "12.1", "18.8", "13.4")),
        (36186.3, 4276.3, 5415.9, 5965.4, 21105.4, 321661.0, ("11.8", "13.0", "14.2", "15.2")),
    ],
)
def test_R46_workforce_rates_are_those_published(
    in_post: float,
    leavers: float,
    agency: float,
    vacancies: float,
    holders: float,
    cases: float,
    published: tuple[str, ...],
) -> None:
    found = (
        turnover_rate(leavers, in_post),
        agency_rate(agency, in_post),
        vacancy_rate(vacancies, in_post),
        caseload(cases, holders),
    )
    assert tuple(str(round_figure(rate, 1)) for rate in found if rate is not None) == published


def test_the_referrals_of_ten_years_have_limits_of_their_own_before_and_after_2019() -> None:
    assert (MONTHS[0], MONTHS[84], MONTHS[-1]) == ("2012-04", "2019-04", "2022-03")
    # The twelve months of 2018-19 and of 2019-20 add up to the published totals of the year.
    assert (sum(REFERRALS[72:84]), sum(REFERRALS[84:96])) == (4686, 3137)
    chart = analyse(list(zip(MONTHS, REFERRALS, strict=True)), Polarity.no_judgement, rebase_at=["2019-04"])
    county, council = chart.segments
    assert (county.first, county.last, county.n) == ("2012-04", "2019-03", 84)
    assert (county.mean, county.lpl, county.upl) == pytest.approx((356.488095, 186.215656, 526.760534))
    assert (council.first, council.last, council.n) == ("2019-04", "2022-03", 36)
    assert (council.mean, council.lpl, council.upl) == pytest.approx((245.027778, 139.843778, 350.211778))
    outside = [point.period for point in chart.points if SpcRule.outside_limits in point.rules]
    assert outside == ["2012-12", "2017-05", "2018-05", "2018-07"]
    assert not any(point.rules for point in chart.points[84:])


def test_across_2019_without_a_rebase_the_fall_would_look_like_a_shift() -> None:
    chart = analyse(list(zip(MONTHS, REFERRALS, strict=True)), Polarity.low_is_good)
    assert len(chart.segments) == 1
    assert all(SpcRule.shift in point.rules for point in chart.points[88:])
    unscreened = analyse(
        list(zip(MONTHS, REFERRALS, strict=True)), Polarity.low_is_good, screen_moving_ranges=False
    ).segments[0]
    assert (unscreened.lpl, unscreened.upl) == pytest.approx((168.099412, 478.000588))
