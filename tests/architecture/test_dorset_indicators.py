"""The Dorset dictionary row by row: workforce, SEND, Ofsted, schools, training and money hold what each row asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.figures import InformationType, Measure, SourceFamily
from shared.schemas.framework.areas import ComparatorKind, ComparatorSet
from shared.schemas.framework.catalogue import content_of, parse_item
from shared.schemas.framework.indicators import Dimension, FocusArea, Indicator, SourceSystem
from shared.schemas.framework.organisation import Unit
from shared.schemas.framework.tree import Framework, read_tree
from shared.schemas.framework.workforce import RegistrationBody, RegistrationKind, RoleFamily

DORSET = Path(__file__).parents[2] / "framework" / "dorset"
PUBLISHED = {"england", "south_west", "dfe_neighbours_2025", "dfe_neighbours_2021"}


@pytest.fixture(scope="module")
def dorset() -> Framework:
    return read_tree(DORSET)


@pytest.fixture(scope="module")
def indicators(dorset: Framework) -> dict[str, Indicator]:
    return dorset.of(Indicator)


def dimension(indicator: Indicator, code: str) -> Dimension:
    return next(one for one in indicator.dimensions if one.code == code)


def fed_by(indicators: dict[str, Indicator], system: str) -> Iterator[Indicator]:
    return (one for one in indicators.values() if one.source_system == system)


def test_R03_every_focus_area_says_why_it_was_chosen_and_is_used(
    dorset: Framework, indicators: dict[str, Indicator]
) -> None:
    areas = dorset.of(FocusArea)
    assert all(area.rationale and area.basis for area in areas.values())
    assert {one.focus_area for one in indicators.values()} == set(areas)


def content(indicators: dict[str, Indicator], **more: Any) -> dict[str, Any]:
    return {name: value for name, value in (content_of(indicators["referrals"]) | more).items() if value is not None}


def refused(made: dict[str, Any]) -> list[tuple[tuple[int | str, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        parse_item("indicators", made)
    return [(fault["loc"], fault["msg"]) for fault in caught.value.errors()]


def test_R03_an_indicator_without_a_focus_area_is_refused_at_that_place(indicators: dict[str, Indicator]) -> None:
    assert [place for place, _ in refused(content(indicators, focus_area=None))] == [("focus_area",)]


def test_R04_there_are_exactly_three_information_types(indicators: dict[str, Indicator]) -> None:
    assert {kind.value for kind in InformationType} == {"quantitative", "qualitative", "outcome"}
    assert [place for place, _ in refused(content(indicators, information_type="opinion"))] == [("information_type",)]


def test_R04_a_quantitative_indicator_has_benchmarks_or_says_why_it_has_none(indicators: dict[str, Indicator]) -> None:
    for one in indicators.values():
        if one.information_type is InformationType.quantitative:
            assert bool(one.benchmarks) != bool(one.no_benchmark_reason), one.code
    ((place, words),) = refused(content(indicators, benchmarks=None, no_benchmark_reason=None))
    assert (place, "no_benchmark_reason (R04)" in words) == ((), True)
    ((_, words),) = refused(content(indicators, benchmarks=["england"], no_benchmark_reason="None is published."))
    assert "keep one of the two" in words


def test_R41_supervision_and_reviews_are_counted_for_every_unit_specialist_teaching_too(
    dorset: Framework, indicators: dict[str, Indicator]
) -> None:
    for code in ("supervision_in_time", "development_reviews_complete"):
        indicator = indicators[code]
        assert indicator.measure is Measure.percentage
        assert dimension(indicator, "unit").values_from == "units"
        assert (indicator.source_system, indicator.focus_area) == ("hr", "supervision")
        assert "specialist teaching" in indicator.definition
    units = dorset.of(Unit)
    assert {units[code].parent for code in ("hearing_support", "vision_support")} == {"specialist_teaching"}


def test_R45_registration_bodies_are_data_and_social_workers_changed_theirs(
    dorset: Framework, indicators: dict[str, Indicator]
) -> None:
    bodies = dorset.of(RegistrationBody)
    assert {"hcpc", "social_work_england"} <= set(bodies)
    body = dimension(indicators["professional_registration_valid"], "registration_body")
    assert set(body.values) == set(bodies)
    registered = [one for one in dorset.of(RoleFamily)["social_worker"].requires if one.bodies]
    assert [(one.bodies, str(one.valid_from or ""), str(one.valid_to or "")) for one in registered] == [
        (("hcpc",), "", "2019-12-01"),
        (("social_work_england",), "2019-12-02", ""),
    ]


def test_R45_all_specialist_teaching_staff_have_an_enhanced_check_and_no_less(
    dorset: Framework, indicators: dict[str, Indicator]
) -> None:
    (need,) = dorset.of(RoleFamily)["specialist_teacher"].requires
    assert need.kind is RegistrationKind.dbs_enhanced
    indicator = indicators["specialist_teachers_enhanced_dbs"]
    assert indicator.registrations is not None
    assert indicator.registrations.role_families == ("specialist_teacher",)
    assert [target.value for target in indicator.targets] == [100]


def test_R45_checks_that_lapse_in_30_60_and_90_days_are_indicators(indicators: dict[str, Indicator]) -> None:
    for code in ("dbs_checks_expiring", "professional_registrations_expiring"):
        assert dimension(indicators[code], "expires_within").values == ("days_30", "days_60", "days_90")
        assert indicators[code].registrations is not None
        assert indicators[code].registrations.expiring


def test_R46_the_four_rates_are_made_of_the_counts_that_their_formulas_name(indicators: dict[str, Indicator]) -> None:
    made = {
        code: (derived.numerators, derived.denominators)
        for code, one in indicators.items()
        if (derived := one.derived_from) and one.source_system == "workforce_census"
    }
    assert made == {
        "social_worker_vacancies_share": (
            ("social_worker_vacancies",),
            ("social_worker_vacancies", "social_workers_in_post"),
        ),
        "social_worker_turnover": (("social_worker_leavers",), ("social_workers_in_post",)),
        "agency_social_workers_share": (
            ("agency_social_workers",),
            ("agency_social_workers", "social_workers_in_post"),
        ),
        "social_worker_caseload": (("social_work_cases",), ("case_holders",)),
    }


def test_R47_spend_is_in_pounds_by_service_area_and_compared_or_says_why_not(indicators: dict[str, Indicator]) -> None:
    spend = [one for one in indicators.values() if one.focus_area == "value_for_money"]
    assert len(spend) >= 5
    assert all(one.measure is Measure.money and one.unit.startswith("£") for one in spend)
    assert all(one.benchmarks or one.no_benchmark_reason for one in spend)
    assert set(indicators["spend_per_child"].benchmarks) == PUBLISHED
    for code in ("spend_per_child", "spend_by_service_area"):
        assert dimension(indicators[code], "service_area").sums_to_total


def test_R51_requests_are_counted_by_who_asked_and_timed_at_6_16_and_20_weeks(
    indicators: dict[str, Indicator],
) -> None:
    source = dimension(indicators["sen_requests_quarterly"], "request_source")
    assert {"parent_carer", "young_person", "school", "health", "social_care"} <= set(source.values)
    assert source.sums_to_total
    for weeks in ("6", "16", "20"):
        timed = indicators[f"sen_{weeks}_weeks_quarterly"]
        assert (timed.period_kind, timed.polarity) == ("financial_quarter", "high_is_good")
        assert dimension(timed, "request_source").values == source.values


def test_R51_the_20_week_measure_with_and_without_exceptions_is_two_indicators(
    indicators: dict[str, Indicator],
) -> None:
    for code in ("ehc_20_weeks", "sen_20_weeks_quarterly"):
        whole = indicators[code]
        without = indicators[code.replace("20_weeks", "20_weeks_without_exceptions")]
        assert "exceptions" not in str(whole.numerator) and "left out" in str(without.denominator)
    assert set(indicators["ehc_20_weeks"].benchmarks) > PUBLISHED
    assert set(indicators["ehc_20_weeks_without_exceptions"].benchmarks) > PUBLISHED


def test_R52_sensory_outcomes_are_set_beside_peers_of_their_own_in_three_groups(
    dorset: Framework, indicators: dict[str, Indicator]
) -> None:
    indicator = indicators["sensory_support_outcomes"]
    assert dimension(indicator, "sensory_group").values == ("deaf", "vision_impaired", "multi_sensory")
    (code,) = indicator.benchmarks
    peers = dorset.of(ComparatorSet)[code]
    assert (peers.kind, peers.members) == (ComparatorKind.natsip_peer, ())
    assert "70" in str(peers.members_unknown)


def test_R53_grades_belong_to_one_framework_each_and_ordinals_say_which(indicators: dict[str, Indicator]) -> None:
    assert all(one.scale.framework for one in indicators.values() if one.scale and one.source_system == "ofsted")
    by_grade = {
        (each.framework, each.values)
        for one in fed_by(indicators, "ofsted")
        for each in one.dimensions
        if each.code.endswith("grade")
    }
    assert len({framework for framework, _ in by_grade}) == 2
    assert None not in {framework for framework, _ in by_grade}
    quarterly = [indicators["schools_by_grade"], indicators["schools_by_report_card"]]
    assert {one.period_kind for one in quarterly} == {"financial_quarter"}
    assert [one.expected_to for one in quarterly] == ["FY2023-24-Q4", None]


def test_R53_attainment_is_summed_up_at_11_and_at_16(indicators: dict[str, Indicator]) -> None:
    found = {one.code for one in fed_by(indicators, "attainment_data")}
    assert found == {"key_stage_2_expected", "attainment_8", "english_and_mathematics_9_to_4"}


def test_R55_R56_the_case_system_and_the_finance_system_feed_indicators(
    dorset: Framework, indicators: dict[str, Indicator]
) -> None:
    systems = dorset.of(SourceSystem)
    assert {"Raise", "ICS"} <= set(systems["raise"].aliases)
    assert systems["des"].source_family is SourceFamily.management_information
    assert len(list(fed_by(indicators, "raise"))) >= 5
    assert {one.measure for one in fed_by(indicators, "des")} == {Measure.money}
    assert dimension(indicators["budget_variance"], "unit").values_from == "units"


def test_R57_training_is_counted_by_agency_and_evaluated_at_its_end_and_three_months_later(
    indicators: dict[str, Indicator],
) -> None:
    for code in ("training_uptake", "section_11_training_uptake", "training_valued_at_the_end", "training_put_to_use"):
        agency = dimension(indicators[code], "agency")
        assert (agency.values_from, agency.sums_to_total) == ("agencies", True)
    assert indicators["training_put_to_use"].information_type is InformationType.outcome
    assert indicators["section_11_training_uptake"].measure is Measure.percentage


def test_the_plans_of_the_council_and_the_core_data_hold_indicators(indicators: dict[str, Indicator]) -> None:
    plans = [plan for one in indicators.values() for plan in one.plans]
    assert set(plans) == {"cypp", "corporate_plan", "core_data"}
    assert min(plans.count(plan) for plan in set(plans)) >= 4


def test_a_comparator_set_lists_its_members_or_says_why_it_cannot() -> None:
    made = {"code": "peers", "name": "Peers", "kind": "natsip_peer", "model": "Outcomes", "version": "2026"}
    with pytest.raises(ValidationError, match="one of the two"):
        parse_item("comparator_sets", made)
    with pytest.raises(ValidationError, match="one of the two"):
        parse_item("comparator_sets", made | {"members": [{"area": "E06000066"}], "members_unknown": "Not told."})
    assert parse_item("comparator_sets", made | {"members_unknown": "Not told."}).code == "peers"


@pytest.mark.parametrize("need", [{"kind": "professional_registration"}, {"kind": "dbs_enhanced", "bodies": ["hcpc"]}])
def test_a_required_registration_names_its_bodies_and_no_other_check_does(need: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="names its bodies"):
        parse_item("role_families", {"code": "nurse", "name": "Nurses", "requires": [need]})
