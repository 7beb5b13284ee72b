"""Validation rules as data: what is found in a figure beside its own parts, its past and its breakdowns."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indicator_api.checking.rules import doubts
from services.indicator_api.checking.sentences import sentence
from services.indicator_api.checking.subject import Doubt, RuleName, Subject
from services.indicator_api.series.known import Known
from shared.schemas.figures import ValueStatus
from shared.schemas.framework.indicators import QualityRule
from shared.schemas.periods import Period
from tests.indicator_api.exceptions.cases import definition, figures

QUARTER = "FY2026-27-Q1"
NO_RULE = QualityRule().model_dump()


def subject(code: str, series: dict[str, list[Known]], closed: dict[str, date] | None = None, **rule: Any) -> Subject:
    known = definition(code, quality_rule=NO_RULE | rule)
    last = max(one.period for every in series.values() for one in every)
    return Subject(known, "E06000059", "Dorset", last, series, closed or {})


def rules(one: Subject) -> list[str]:
    return [doubt.rule.value for doubt in doubts(one)]


def only(one: Subject) -> Doubt:
    (found,) = doubts(one)
    return found


def at(period: str, value: float | None, n: float | None = None, d: float | None = None, **more: Any) -> Known:
    return Known(Period.parse(period), value, None if value is not None else ValueStatus.c, n, d, **more)


@pytest.mark.parametrize(
    ("value", "numerator", "denominator", "found"),
    [
        (14.7, 346, 2349, []),
        (15, 346, 2349, []),
        (14.8, 346, 2349, ["not_its_parts"]),
        (41.7, 346, 2349, ["not_its_parts"]),
        (14.73, 346, 2349, []),
        (14.5, 29, 200, []),
        (14.7, None, 2349, []),
        (0, 0, 0, []),
    ],
)
def test_a_percentage_is_what_its_parts_make_however_it_was_rounded(
    value: float, numerator: float | None, denominator: float, found: list[str]
) -> None:
    assert rules(subject("rereferrals", {"": [at("RY2025", value, numerator, denominator)]})) == found


def test_a_rate_is_made_with_its_multiplier() -> None:
    one = subject("looked_after_rate", {"": [at("RY2025", 56, 437, 67149)]})
    doubt = only(one)
    assert (doubt.rule, doubt.reference) == (RuleName.not_its_parts, pytest.approx(65.079, abs=1e-3))
    assert sentence(one, doubt).endswith("the year to 31 March 2025 is 56, but 437 of 67,149 makes 65.1.")


def test_a_ratio_that_comes_without_the_counts_it_had_before_is_found_unless_it_was_published_so() -> None:
    counted, own = at("2026-08", 90, 9, 10), "supervision_in_time"
    bare = subject(own, {"": [counted, at("2026-09", 80)]})
    assert only(bare).rule is RuleName.without_counts
    assert sentence(bare, only(bare)).endswith(
        "in Dorset the figure for September 2026 is 80.0%, sent without the numerator and denominator that August 2026"
        " had: it has no interval, and can be neither added up nor compared."
    )
    for before in (at("2026-08", 90), at("2026-08", 90, 9, 10, version=2), at("2026-07", 90, 9, 10)):
        assert rules(subject(own, {"": [before, at("2026-09", 80)]})) == []
    assert rules(subject(own, {"": [counted, at("2026-09", 80, 8, 10)]})) == []
    published = [at("RY2024", 14.1, 346, 2454), at("RY2025", 14.7)]
    assert rules(subject("rereferrals", {"": published})) == []


def test_a_numerator_over_its_denominator_and_a_value_out_of_range_are_found() -> None:
    over = subject("rereferrals", {"": [at("RY2025", 104, 104, 100)]}, maximum=100)
    assert rules(over) == ["numerator_over_denominator", "outside_range"]
    assert "counts 104 of only 100" in sentence(over, doubts(over)[0])
    # Events for every hundred pupils may be more than a hundred: the rule says so.
    assert rules(subject("rereferrals", {"": [at("RY2025", 104, 104, 100)]}, maximum=120)) == []
    assert rules(subject("rereferrals", {"": [at("RY2025", 4)]}, minimum=5)) == ["outside_range"]
    assert rules(subject("referrals", {"": [at("RY2025", 4.5)]}, whole_number=True)) == ["not_whole"]


def test_a_sudden_change_in_per_cent_is_one_beyond_the_declared_size() -> None:
    assert rules(subject("referrals", {"": figures("RY2024", [100, 150])}, sudden_change_percent=50)) == []
    one = subject("referrals", {"": figures("RY2024", [100, 151])}, sudden_change_percent=50)
    doubt = only(one)
    assert (doubt.rule, doubt.reference) == (RuleName.sudden_change, 100)
    assert "is 151, 51% higher than the 100 for the year to 31 March 2024: a sudden change" in sentence(one, doubt)


def test_a_sudden_change_is_measured_by_the_usual_step_of_the_series() -> None:
    usual = [100, 110, 100, 110, 100, 110, 100]
    assert rules(subject("referrals", {"": figures("RY2018", [*usual, 130])}, sudden_change_ranges=3)) == []
    assert rules(subject("referrals", {"": figures("RY2018", [*usual, 131])}, sudden_change_ranges=3)) == [
        "sudden_change"
    ]
    # Five points say nothing of how a series moves, nor does one that never moved.
    assert rules(subject("referrals", {"": figures("RY2020", [*usual[:5], 900])}, sudden_change_ranges=3)) == []
    assert rules(subject("referrals", {"": figures("RY2018", [100] * 7 + [900])}, sudden_change_ranges=3)) == []


def test_a_change_is_told_only_of_figures_that_follow_each_other_and_count_alike() -> None:
    gap = [*figures("RY2023", [100]), *figures("RY2025", [900])]
    assert rules(subject("referrals", {"": gap}, sudden_change_percent=50)) == []
    redefined = [at("RY2024", 100, version=1), at("RY2025", 900, version=2)]
    assert rules(subject("referrals", {"": redefined}, sudden_change_percent=50)) == []


def test_a_season_is_compared_with_its_like_and_a_running_sum_with_nothing() -> None:
    august = figures("2025-08", [10, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 12])
    seasonal = definition("referrals_monthly", series_kind="seasonal", quality_rule={"sudden_change_percent": 50})
    assert rules(Subject(seasonal, "E06000059", "Dorset", august[-1].period, {"": august})) == []
    running = definition("referrals_monthly", series_kind="year_to_date", quality_rule={"sudden_change_percent": 50})
    assert rules(Subject(running, "E06000059", "Dorset", august[-1].period, {"": august})) == []


def test_a_figure_that_never_changes_is_stuck_but_a_nought_may_stand() -> None:
    assert rules(subject("referrals", {"": figures("RY2022", [7, 7, 7, 7])}, unchanged_periods=4)) == ["unchanged"]
    assert rules(subject("referrals", {"": figures("RY2022", [8, 7, 7, 7])}, unchanged_periods=4)) == []
    assert rules(subject("referrals", {"": figures("RY2023", [7, 7, 7])}, unchanged_periods=4)) == []
    assert rules(subject("referrals", {"": figures("RY2022", [0, 0, 0, 0])}, unchanged_periods=4)) == []
    moving = [at(f"RY{year}", 50, year, year * 2) for year in range(2022, 2026)]
    assert rules(subject("rereferrals", {"": moving}, unchanged_periods=4)) == []


def split(total: float | None, *parts: float | None) -> dict[str, list[Known]]:
    names = ("parent_carer", "school", "health", "other")
    found = {f"request_source={name}": [at(QUARTER, part)] for name, part in zip(names, parts, strict=False)}
    return {"": [at(QUARTER, total)], **found}


def test_parts_add_up_to_their_total() -> None:
    assert rules(subject("sen_requests_quarterly", split(30, 10, 15, 5), whole_number=True)) == []
    one = subject("sen_requests_quarterly", split(30, 10, 15, 6), whole_number=True)
    doubt = only(one)
    assert (doubt.rule, doubt.reference, len(doubt.parts)) == (RuleName.sum_of_parts, 31, 3)
    assert "is 30, but its parts by request_source add up to 31" in sentence(one, doubt)
    assert rules(subject("sen_requests_quarterly", split(30, 10, 15, 6), whole_number=True, sum_tolerance=1)) == []
    assert rules(subject("sen_requests_quarterly", split(30, 10, 15, 6))) == []  # what rounding four numbers explains
    assert rules(subject("sen_requests_quarterly", split(None, 10, 15, 6), whole_number=True)) == []


def test_where_a_part_is_hidden_the_others_can_be_too_much_but_not_too_little() -> None:
    assert rules(subject("sen_requests_quarterly", split(30, 10, 15, None), whole_number=True)) == []
    assert rules(subject("sen_requests_quarterly", split(30, 20, 15, None), whole_number=True)) == ["sum_of_parts"]


def test_the_counts_behind_a_share_add_up_and_the_shares_themselves_do_not() -> None:
    series = {
        "": [at("2026-10", 50, 10, 20)],
        "unit=fs_weymouth": [at("2026-10", 60, 6, 10)],
        "unit=fs_portland": [at("2026-10", 40, 4, 10)],
    }
    assert rules(subject("supervision_in_time", series)) == []
    series["unit=fs_portland"] = [at("2026-10", 30, 3, 10)]
    assert rules(subject("supervision_in_time", series)) == ["sum_of_parts"]


def test_a_part_that_was_there_before_is_missed_unless_its_unit_closed() -> None:
    series = {
        "": figures("2026-09", [50, 51]),
        "unit=fs_weymouth": figures("2026-09", [50, 52]),
        "unit=fs_portland": figures("2026-09", [50]),
    }
    one = subject("supervision_in_time", series)
    doubt = only(one)
    assert (doubt.rule, doubt.parts) == (RuleName.missing_parts, ("unit=fs_portland",))
    assert sentence(one, doubt).endswith("lacks parts that were there the period before: unit=fs_portland.")
    assert rules(subject("supervision_in_time", series, {"fs_portland": date(2026, 9, 30)})) == []
    assert rules(subject("supervision_in_time", series, {"fs_portland": date(2026, 10, 1)})) == ["missing_parts"]


@given(st.lists(st.floats(0, 1000).map(lambda value: round(value, 1)), min_size=1, max_size=12), st.floats(1, 50))
def test_a_series_and_its_mirror_have_the_same_sudden_changes(values: list[float], ranges: float) -> None:
    mirrored = [round(1000 - value, 1) for value in values]
    found = [
        rules(subject("agency_social_workers_share", {"": figures("CY2010", series)}, sudden_change_ranges=ranges))
        for series in (values, mirrored)
    ]
    assert found[0] == found[1]
