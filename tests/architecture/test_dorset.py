"""The Dorset edition: whole, and true to its source in number and kind."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from shared.auth.roles import read_roles
from shared.schemas.figures import InformationType, ThemedArea
from shared.schemas.framework.access import Role
from shared.schemas.framework.areas import Area, ComparatorSet
from shared.schemas.framework.audit import AuditType, Tool, ViewOf
from shared.schemas.framework.audit_programmes import Commitment, Programme
from shared.schemas.framework.calendars import Calendar
from shared.schemas.framework.feedback import Channel, ComplaintProcedure, Family, RespondentGroup
from shared.schemas.framework.indicators import Indicator
from shared.schemas.framework.organisation import Unit
from shared.schemas.framework.reporting import Board, Gate, Report
from shared.schemas.framework.tree import Framework, read_tree

DORSET = Path(__file__).parents[2] / "framework" / "dorset"
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def dorset() -> Framework:
    return read_tree(DORSET)


def test_R21_fourteen_teams_have_a_slot_today(dorset: Framework) -> None:
    programme = dorset.of(Programme)["monthly_case_audit"]
    units = dorset.of(Unit)
    today = programme.slots_on(TODAY)
    assert len(today) == 14
    assert Counter(units[slot.unit].parent for slot in today) == {
        "family_support": 12,
        "children_who_are_disabled": 2,
    }


def test_R22_three_teams_join_in_the_next_phase_and_past_months_stay_at_fourteen(dorset: Framework) -> None:
    programme = dorset.of(Programme)["monthly_case_audit"]
    later = [slot for slot in programme.slots if slot.effective_from > TODAY]
    assert {slot.unit for slot in later} == {"adoption_and_kinship_team", "fostering_team", "horizon_team"}
    assert len(programme.slots_on(date(2025, 4, 1))) == 14
    assert len(programme.slots_on(max(slot.effective_from for slot in later))) == 17


def test_R23_eighteen_multi_agency_cases_a_year_are_promised(dorset: Framework) -> None:
    promised = dorset.of(Commitment)["multi-agency"]
    assert (promised.cases_a_year, set(promised.audit_types)) == (18, {AuditType.multi_agency, AuditType.serious_case})


def test_R34_managers_may_set_off_general_and_thematic_audits(dorset: Framework) -> None:
    own = [each for each in dorset.of(Programme).values() if each.instigators and each.cadence == "as_decided"]
    assert {each.audit_type for each in own} == {AuditType.single_case, AuditType.thematic}
    assert all("team_manager" in each.instigators for each in own)


def test_R40_the_sen_team_and_the_teams_for_disabled_children_have_case_audits(dorset: Framework) -> None:
    covered = {slot.unit for slot in dorset.of(Programme)["sen_case_audit"].slots_on(TODAY)}
    assert covered == {"sen_team", "cwd_east", "cwd_west"}


def test_R15_the_case_audit_asks_child_parent_and_reviewing_service(dorset: Framework) -> None:
    questions = [question for _, question in dorset.of(Tool)["case_audit"].questions()]
    assert {question.view_of for question in questions} - {None} == set(ViewOf)
    assert 25 <= len(questions) <= 45
    assert set(dorset.of(Programme)["monthly_case_audit"].required_views) == set(ViewOf)


def test_R02_R04_every_information_type_and_R20_every_themed_area_has_indicators(dorset: Framework) -> None:
    indicators = dorset.of(Indicator).values()
    assert len(indicators) >= 40
    assert {each.information_type for each in indicators} == set(InformationType)
    assert {each.themed_area for each in indicators} == set(ThemedArea)


def test_all_48_measures_of_the_benchmarking_tool_are_indicators(dorset: Framework) -> None:
    codes = [each.lait_code for each in dorset.of(Indicator).values() if each.lait_code]
    assert len(codes) == len(set(codes)) == 48


def test_R46_workforce_shares_name_the_counts_they_are_made_of(dorset: Framework) -> None:
    indicators = dorset.of(Indicator)
    for code in ("social_worker_vacancies_share", "social_worker_turnover", "agency_social_workers_share"):
        assert indicators[code].derived_from


def test_first_time_entrants_are_not_set_beside_england(dorset: Framework) -> None:
    indicator = dorset.of(Indicator)["first_time_entrants"]
    assert "england" not in indicator.benchmarks
    assert [withheld.comparator_set for withheld in indicator.benchmarks_withheld] == ["england"]


def test_a_count_of_children_is_marked_for_protection(dorset: Framework) -> None:
    indicators = dorset.of(Indicator)
    assert indicators["looked_after"].disclosure.people
    assert not indicators["social_workers_in_post"].disclosure.people


def test_the_neighbours_of_a_period_are_those_of_its_time(dorset: Framework) -> None:
    sets = [each for each in dorset.of(ComparatorSet).values() if each.subject]
    for last_day, subject, expected in (
        (date(2018, 3, 31), "E10000009", "dfe_neighbours_county_2021"),
        (date(2020, 3, 31), "E06000059", "dfe_neighbours_2021"),
        (date(2024, 12, 31), "E06000059", "dfe_neighbours_2021"),
        (date(2025, 3, 31), "E06000059", "dfe_neighbours_2025"),
        (date(2026, 3, 31), "E06000059", "dfe_neighbours_2025"),
    ):
        holding = [
            each.code
            for each in sets
            if each.subject == subject and (each.applies_from or last_day) <= last_day <= (each.applies_to or last_day)
        ]
        assert holding == [expected]
    assert all(len(each.members) == 10 for each in sets)
    assert dorset.of(ComparatorSet)["dfe_neighbours_2025"].members[0].area == "E06000066"


def test_every_authority_of_today_is_an_area_and_the_former_county_has_successors(dorset: Framework) -> None:
    areas = dorset.of(Area)
    assert Counter(area.kind.value for area in areas.values())["local_authority"] == 153
    county = areas["E10000009"]
    assert {successor.area for successor in county.successors} == {"E06000059", "E06000058"}
    assert not any(successor.same_footprint for successor in county.successors)


def test_R13_R16_the_channels_of_the_source_are_all_there(dorset: Framework) -> None:
    families = Counter(channel.family for channel in dorset.of(Channel).values())
    assert families[Family.children_and_families] == 9
    assert families[Family.staff] == 6
    assert families[Family.partners] >= 1
    assert sum(group.stakeholder for group in dorset.of(RespondentGroup).values()) == 5


def test_R59_statutory_limits_stand_apart_from_local_targets(dorset: Framework) -> None:
    statutory = dorset.of(ComplaintProcedure)["statutory"]
    limits = {stage.code: stage.statutory_limit for stage in statutory.stages}
    days = {code: (limit.working_days, limit.extended_to) for code, limit in limits.items() if limit}
    assert days == {
        "stage_1": (10, 20),
        "stage_2": (25, 65),
        "stage_3": (30, None),
        "panel_report": (5, None),
        "authority_response": (15, None),
    }


@pytest.mark.parametrize("row", [f"R{number}" for number in range(64, 88)])
def test_R64_to_R87_each_row_of_the_schedule_has_a_report(dorset: Framework, row: str) -> None:
    assert [report for report in dorset.of(Report).values() if row in report.row]


def test_R01_every_report_names_an_audience_and_a_protected_board_never_shares_a_full_one(
    dorset: Framework,
) -> None:
    boards = dorset.of(Board)
    assert boards["csdg"].aliases[:2] == ("CSDG", "SDG")
    assert boards["csdg"].disclosure.value == "full"
    assert all(boards[code].disclosure.value == "protected" for code in ("dscb", "ctb", "csoc", "public"))
    assert all(report.audiences for report in dorset.of(Report).values())


def test_R09_every_report_answers_the_two_closing_questions(dorset: Framework) -> None:
    for report in dorset.of(Report).values():
        codes = {section.code for section in report.sections}
        assert {"right_things", "making_a_difference", "value_for_money"} <= codes, report.code
        assert Gate.closing_questions in report.gates


def test_R11_reports_to_the_trust_wait_for_a_participation_statement(dorset: Framework) -> None:
    to_trust = [report for report in dorset.of(Report).values() if "ctb" in report.audiences]
    assert to_trust
    assert all(Gate.participation_statement in report.gates for report in to_trust)


def test_the_monthly_group_report_has_the_sections_it_is_read_for(dorset: Framework) -> None:
    report = dorset.of(Report)["csdg_monthly"]
    kinds = {section.kind.value for section in report.sections}
    assert {
        "exceptions",
        "indicators",
        "audit_round",
        "feedback",
        "complaints",
        "actions",
        "narrative",
    } <= kinds


def test_term_dates_cover_four_school_years_in_calendars_that_differ(dorset: Framework) -> None:
    calendars = dorset.of(Calendar)
    years = ["AY2024-25", "AY2025-26", "AY2026-27", "AY2027-28"]
    assert all([year.year for year in calendar.years] == years for calendar in calendars.values())
    community, academy = (calendars[code] for code in ("dorset_community_schools", "academy_two_week_autumn"))
    assert community.term_calendar() != academy.term_calendar()
    assert all(
        day.weekday() < 5
        for calendar in calendars.values()
        for span in calendar.term_calendar().values()
        for day in span
    )


def test_the_roles_file_is_read_alike_by_the_services(dorset: Framework) -> None:
    book = read_roles(DORSET / "roles.yaml")
    assert set(book.roles) == set(dorset.of(Role))
    admin = set(dorset.of(Role)["admin"].scopes)
    assert all(admin.issuperset(role.scopes) for role in dorset.of(Role).values())
