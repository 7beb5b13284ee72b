"""What raises an exception and what does not: pure functions over plain series."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.indicator_api.exceptions import evaluate as evaluation
from services.indicator_api.exceptions.case import Case, Finding, Funnel
from services.indicator_api.exceptions.evaluate import judge
from services.indicator_api.exceptions.evidence import inputs_hash
from services.indicator_api.exceptions.sentences import sentence
from tests.indicator_api.exceptions.cases import case, figures, shares

# Every monthly series here ends in March 2022, so that nothing is owed on its last day.
DAY = date(2022, 3, 31)
NOISE = [250, 231, 262, 244, 257, 239, 251, 266, 242, 248, 259, 236, 254, 247, 240, 261, 245, 252, 238, 256, 249, 243]


def evaluate(case: Case, day: date, since: date | None = None) -> list[Finding]:
    """The findings of a day, new where they did not stand at the end of the month before it."""
    return evaluation.evaluate(case, day, since or day.replace(day=1) - timedelta(days=1))


def monthly(*values: float | None, **changes: Any) -> Case:
    first = 2022 * 12 + 2 - len(values) + 1
    return case("referrals_monthly", figures(f"{first // 12}-{first % 12 + 1:02d}", values), **changes)


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1, [one.trigger for one in found]
    return found[0]


def test_R50_a_planted_change_is_found_and_explained() -> None:
    planted = monthly(*NOISE, 480)
    found = only(evaluate(planted, DAY))
    assert (found.trigger, found.rule, found.direction) == ("SIGNIFICANT_CHANGE", "outside_limits", "high")
    assert (found.profile, found.new, found.favourable, found.n) == ("mdc_2023", True, None, 23)
    assert sentence(planted, found) == (
        "Referrals to children's social care in the month: in Dorset the figure for March 2022 was 480, "
        "unusually high: figures usually lie between 219 and 298."
    )


def test_R50_a_figure_within_its_limits_raises_nothing() -> None:
    assert evaluate(monthly(*NOISE), DAY) == []


def test_R50_pure_noise_raises_hardly_any_exceptions() -> None:
    chance = random.Random(20)
    raised = [
        found
        for _ in range(300)
        for found in evaluate(monthly(*(round(chance.gauss(250, 20)) for _ in range(36))), DAY)
    ]
    # Two sides of three limits and two runs of seven: about three in a hundred by chance, half of them new.
    assert len(raised) <= 15
    assert sum(one.new for one in raised) <= 10


@pytest.mark.parametrize("change", [-80, 80])
def test_R50_a_planted_change_in_noise_is_found_every_time(change: float) -> None:
    chance = random.Random(50)
    for _ in range(100):
        values = [round(chance.gauss(250, 15)) for _ in range(36)]
        values[-1] = round(250 + change * 1.5)
        found = only([one for one in evaluate(monthly(*values), DAY) if one.rule == "outside_limits"])
        assert found.direction == ("high" if change > 0 else "low")


def test_a_change_that_stood_the_month_before_is_not_new() -> None:
    assert only(evaluate(monthly(*NOISE, *NOISE, 480), DAY)).new is True
    again = only(evaluate(monthly(*NOISE, *NOISE, 480, 478), DAY))
    assert (again.direction, again.new) == ("high", False)
    turned = only(evaluate(monthly(*NOISE, *NOISE, 480, 20), DAY))
    assert (turned.direction, turned.new) == ("low", True)


def test_a_change_is_new_once_in_the_month_whose_figure_first_showed_it() -> None:
    later = monthly(*NOISE, 480, 478, 481)
    for months, new in ((2, True), (1, False), (0, False)):
        until = later.figures[: len(later.figures) - months]
        found = only(evaluate(replace(later, figures=until), until[-1].period.end))
        assert (found.direction, found.new) == ("high", new)
    # Told of the whole year, all three months of it are news.
    assert only(evaluate(later, DAY, date(2021, 12, 31))).new is True


def test_an_annual_figure_is_new_until_the_month_it_falls_due_and_not_after_it() -> None:
    years = shares("RY2021", [(567, 2785), (500, 2785), (440, 2785), (380, 2785), (320, 2785)])
    falling = case("rereferrals", years, due_lag_days=210)
    news = {month: only(evaluate(falling, date(2025, month, 28))).new for month in (4, 9, 10, 11, 12)}
    assert news == {4: True, 9: True, 10: True, 11: False, 12: False}


def test_a_figure_due_on_the_last_day_of_a_month_is_late_and_new_in_the_next() -> None:
    waiting = case("supervision_in_time", figures("2026-01", [70, 72]), due_lag_days=30)
    assert evaluate(waiting, date(2026, 4, 30)) == []
    assert only(evaluate(waiting, date(2026, 5, 31))).new is True


def test_a_judgement_that_stands_until_the_next_one_is_never_late() -> None:
    judged = case("inspection_leaders", figures("RY2022", [3]))
    assert evaluate(judged, DAY.replace(year=2026)) == []
    assert only(evaluate(case("inspection_leaders", figures("RY2022", [3]), expected="on_schedule"), date(2026, 3, 31)))


def test_a_figure_published_as_not_available_has_come_and_only_the_next_one_is_late() -> None:
    unavailable = case("ehc_20_weeks_without_exceptions", figures("CY2023", [60.2, None]))
    assert evaluate(unavailable, date(2026, 6, 29)) == []
    assert only(evaluate(unavailable, date(2026, 6, 30))).period.code == "CY2025"


def test_a_rise_of_six_moves_is_a_trend_and_says_so() -> None:
    rising = monthly(*NOISE, 236, 240, 244, 248, 252, 256, 260)
    found = only(evaluate(rising, DAY))
    assert (found.rule, found.direction) == ("trend", "up")
    assert "has risen six times running, to 260 for March 2022" in sentence(rising, found)


def test_seven_on_one_side_are_a_shift_and_say_so() -> None:
    shifted = monthly(*NOISE, 262, 258, 264, 259, 263, 257, 261)
    found = only(evaluate(shifted, DAY))
    assert (found.rule, found.direction) == ("shift", "high")
    assert "at least seven figures in a row lie above their average of 252" in sentence(shifted, found)


def test_polarity_turns_a_direction_into_good_news_or_a_concern() -> None:
    bad, good = monthly(*NOISE, 480, polarity="low_is_good"), monthly(*NOISE, 480, polarity="high_is_good")
    assert only(evaluate(bad, DAY)).favourable is False
    assert sentence(bad, only(evaluate(bad, DAY))).endswith("That is a concern.")
    assert only(evaluate(good, DAY)).favourable is True
    assert sentence(good, only(evaluate(good, DAY))).endswith("That is good news.")


@pytest.mark.parametrize("kind", ["rolling", "year_to_date", "cumulative", "seasonal"])
def test_overlapping_and_seasonal_series_raise_no_change(kind: str) -> None:
    assert evaluate(monthly(*NOISE, 480, series_kind=kind), DAY) == []


def test_fewer_than_six_figures_raise_no_change() -> None:
    assert evaluate(monthly(250, 251, 249, 250, 900), DAY) == []


def test_a_latest_figure_without_a_value_raises_nothing_of_the_figures_before_it() -> None:
    assert evaluate(monthly(*NOISE, 480, None), DAY) == []


def test_a_series_without_variation_raises_nothing() -> None:
    assert evaluate(monthly(*([250] * 20)), DAY) == []


def test_five_years_that_fall_are_a_trend_of_annual_figures() -> None:
    falling = case("rereferrals", shares("RY2021", [(567, 2785), (500, 2785), (440, 2785), (380, 2785), (320, 2785)]))
    found = only(evaluate(falling, date(2025, 3, 31)))
    assert (found.trigger, found.rule, found.direction) == ("SIGNIFICANT_CHANGE", "five_year_trend", "down")
    assert (found.favourable, found.n, found.new) == (True, 5, True)
    assert "has fallen over five years by more than chance would explain, from 20.4% for" in sentence(falling, found)


def test_five_years_up_and_down_are_no_trend() -> None:
    level = shares("RY2021", [(400, 2785), (440, 2785), (390, 2785), (430, 2785), (405, 2785)])
    assert evaluate(case("rereferrals", level), date(2025, 3, 31)) == []


def test_a_target_out_of_reach_is_an_exception_and_hit_or_miss_is_not() -> None:
    def supervised(*values: float) -> Case:
        return case("supervision_in_time", figures("2026-01", values))

    day = date(2026, 8, 31)
    short = supervised(70, 74, 71, 73, 72, 75, 70, 73)
    found = only(evaluate(short, day))
    assert (found.trigger, found.rule, found.direction) == ("TARGET_NOT_ASSURED", "consistent_fail", "low")
    assert (found.favourable, found.target) == (False, 90)
    assert sentence(short, found) == (
        "Supervision held in time: in Dorset the figure for August 2026 was 73.0%; as things stand it cannot be "
        "expected to reach its target of 90.0% or more, because figures usually lie between 64.3% and 80.2%."
    )
    assert evaluate(supervised(84, 95, 86, 97, 88, 93, 85, 96), day) == []
    assert evaluate(supervised(96, 97, 96, 98, 96, 97, 98, 97), day) == []


@pytest.mark.parametrize(
    ("values", "day", "owed", "new"),
    [
        ([70, 72], "2026-04-15", [], None),
        ([70, 72], "2026-04-16", "2026-03", True),
        ([70, 72], "2026-04-30", "2026-03", True),
        ([70, 72], "2026-05-15", "2026-03", False),
        ([70, 72], "2026-06-30", "2026-03", False),
    ],
)
def test_a_figure_is_late_from_the_day_after_it_was_due(values: list[float], day: str, owed: Any, new: Any) -> None:
    waiting = case("supervision_in_time", figures("2026-01", values))
    found = evaluate(waiting, date.fromisoformat(day))
    if not owed:
        assert found == []
        return
    late = only(found)
    assert (late.trigger, late.period.code, late.new, late.direction) == ("DATA_LATE", owed, new, "late")


def test_lateness_is_told_in_plain_words() -> None:
    waiting = case("supervision_in_time", figures("2026-01", [70, 72]))
    late = only(evaluate(waiting, date(2026, 6, 30)))
    assert sentence(waiting, late) == (
        "Supervision held in time: the figure in Dorset for March 2026 was due by 15 April 2026 and has not arrived, "
        "nor have the 2 after it; the latest is for February 2026 (72.0%)."
    )


def test_nothing_is_owed_before_a_series_begins_or_after_it_ends() -> None:
    day = date(2026, 9, 30)
    assert evaluate(case("supervision_in_time", []), day) == []
    begun = evaluate(case("supervision_in_time", [], expected_from="2026-04"), day)
    assert only(begun).period.code == "2026-04"
    ended = case("supervision_in_time", figures("2026-01", [70, 72]), expected_to="2026-02")
    assert evaluate(ended, day) == []


def test_a_series_that_ended_long_ago_raises_nothing_any_more() -> None:
    ended = monthly(*NOISE, 480)
    assert ended.definition.content["expected_to"] == "2022-03"
    assert only(evaluate(ended, date(2022, 5, 31))).rule == "outside_limits"
    assert evaluate(ended, date(2023, 3, 31)) == []


def test_same_inputs_have_the_same_hash_and_a_changed_figure_another() -> None:
    def digest(*values: float) -> str:
        made = monthly(*values)
        return inputs_hash(made, only(evaluate(made, DAY)))

    assert digest(*NOISE, 480) == digest(*NOISE, 480)
    assert digest(*NOISE, 480) != digest(*NOISE, 481)
    assert digest(*NOISE, 480) != digest(251, *NOISE[1:], 480)


def test_R50_a_funnel_of_all_authorities_tells_what_england_itself_does_not_say() -> None:
    own = shares("RY2025", [(700, 1000)])
    latest = own[0].period
    others = {f"E0600{code:04}": shares("RY2025", [(500, 1000)])[0] for code in range(20)}
    apart = replace(case("rereferrals", own), funnels={latest: Funnel({**others, "E06000059": own[0]})})
    found = only(evaluate(apart, date(2025, 3, 31)))
    assert (found.trigger, found.rule, found.direction, found.favourable) == (
        "OUT_OF_STEP_NATIONAL", "funnel_0_001", "high", False,
    )  # fmt: skip
    assert sentence(apart, found) == (
        "Referrals within 12 months of an earlier one: in Dorset the figure for the year to 31 March 2025 was 70.0%, "
        "higher than the 51.0% that 21 local authorities of England come to together by more than chance would "
        "explain. That is a concern."
    )
    level = replace(apart, figures=shares("RY2025", [(520, 1000)]))
    level = replace(level, funnels={latest: Funnel({**others, "E06000059": level.figures[0]})})
    assert evaluate(level, date(2025, 3, 31)) == []


def test_R50_what_stood_before_and_does_so_no_more_is_resolved_and_told_as_it_was() -> None:
    over = monthly(*NOISE, 480, 251)
    verdict = judge(over, DAY, date(2022, 2, 28))
    assert verdict.standing == []
    (gone,) = verdict.resolved
    assert (gone.trigger, gone.direction, gone.period.code, gone.resolved) == (
        "SIGNIFICANT_CHANGE", "high", "2022-02", True,
    )  # fmt: skip
    assert sentence(verdict.earlier, gone).endswith("between 219 and 298. This no longer stands.")
    # A figure that is missing ends nothing.
    assert judge(monthly(*NOISE, 480, None), DAY, date(2022, 2, 28)).resolved == []
