"""A simulated year through the public API alone: each answer is compared with what simple counting of its plan says."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from shared.auth.local_issuer import LocalIssuer
from tests.audit_api.year_plan import (
    AGENCIES,
    CONCERN,
    GRADES,
    LATE,
    MONTHS,
    NEVER_DONE,
    QUARTERS,
    REPEATED,
    SETTLED,
    SUPERVISED,
    TEAMS,
    THEMATIC,
    VOID,
    VOID_REASON,
    done,
    outcome_of,
)  # fmt: skip
from tests.audit_api.year_steps import Year, begun
from tests.audit_api.year_told import live
from tests.conftest import Server


@pytest.fixture(scope="module")
async def year(server: Server, template: Callable[..., str], issuer: LocalIssuer) -> AsyncIterator[Year]:
    async with begun(server, template, issuer) as told:
        await live(told)
        yield told


@pytest.mark.parametrize("month", MONTHS)
async def test_R21_R22_each_month_counts_its_fourteen_teams(year: Year, month: str) -> None:
    found = await year.read("analyst", "coverage", programme="monthly_case_audit", period=month)
    missed, void, late = (int(one[1] == month) for one in (NEVER_DONE, VOID, LATE))
    assert (found["expected"], found["void"], found["missed"]) == (14, void, missed)
    assert (found["done"], found["late"], found["on_time"]) == (14 - void - missed, late, 14 - void - missed - late)
    assert (found["rag"] == "green") == (missed + late == 0)


async def test_R21_a_void_slot_tells_reason_and_approver(year: Year) -> None:
    found = await year.read("analyst", "coverage", programme="monthly_case_audit", period=VOID[1])
    (void,) = [one for one in found["slots"] if one["state"] == "void"]
    assert (void["unit"], void["void_reason"], void["voided_by"]) == (VOID[0], VOID_REASON, "qa")


async def test_R22_teams_of_phase_two_are_in_april_and_in_no_month_before(year: Year) -> None:
    assert len(year.told["phase two"]["slots"]) == 17
    assert {len(one["slots"]) for one in year.rounds.values()} == {14}


async def test_R21_no_case_is_drawn_twice_in_the_year_and_every_draw_is_done_again(year: Year) -> None:
    drawn = [one["case_reference"] for month in year.draws.values() for d in month["draws"] for one in d["drawn"]]
    assert len(drawn) == len(set(drawn)) == 14 * 12 - 1
    for month in year.draws.values():
        assert (await year.read("qa", f"draws/{month['draws'][0]['id']}/redraw"))["same"] is True


async def test_R23_seventeen_cases_are_not_enough_and_one_audited_twice_is_one(year: Year) -> None:
    before = year.told["at 17"]
    assert (before["completed"], before["audits"]) == (17, 18)
    # Three weeks before the end seventeen are as many as an even pace asks for; they are not the eighteen promised.
    assert before["completed"] < before["target"] == 18
    assert before["rag"] == "amber"
    found = await year.read("qa", "commitments/multi-agency", year="FY2026-27")
    assert (found["target"], found["completed"], found["audits"]) == (18, 18, len(AGENCIES))
    assert found["rag"] == "green"
    first = {case: day[:7] for case, day in reversed(AGENCIES)}
    cases = [sum(month in months for month in first.values()) for months in QUARTERS.values()]
    assert [one["cases"] for one in found["quarters"]] == cases


@pytest.mark.parametrize("quarter", QUARTERS)
async def test_R15_R25_R28_R32_the_quarter_is_analysed_as_counted(year: Year, quarter: str) -> None:
    found = await year.read("qa", "analysis", period=quarter, tool="case_audit")
    papers, thematic = done(QUARTERS[quarter]), int(THEMATIC[1] in QUARTERS[quarter])
    audits = len(papers) + thematic
    assert found["audits"] == audits
    outcomes = Counter(outcome_of(*one) for one in papers) + Counter(good=thematic)
    grades = {one["domain"]: {g["grade"]: g["count"] for g in one["grades"]} for one in found["domains"]}
    assert grades["outcomes_achieved"] == {grade: outcomes[grade] for grade in GRADES}
    assert grades["adherence_to_process"]["good"] == audits
    drift = sum(team == "fs_weymouth" and month in MONTHS[:3] for team, month in papers)
    assert (found["findings"]["strengths"], found["findings"]["areas_for_improvement"]) == (audits, drift)
    heard = sum(TEAMS.index(team) % 2 == 0 for team, _ in papers)
    (child,) = [one for one in found["voices"] if one["view_of"] == "child"]
    assert (child["heard"], child["not_heard"]) == (heard, audits - heard)
    assert found["repeats"] == int(REPEATED[1] in QUARTERS[quarter])
    before = [one for one in QUARTERS if one < quarter][-1:]
    expected = len(done(QUARTERS[before[0]])) + int(THEMATIC[1] in QUARTERS[before[0]]) if before else 0
    assert found["audits_before"] == expected
    (director,) = [one for one in found["levels"] if one["level"] == "director"]
    assert (director["audits"], director["missing"]) == (thematic, not thematic)


async def test_R26_R58_the_loop_of_one_audit_is_closed(year: Year) -> None:
    assert year.told["no learning"] == (409, "learning-needed")
    first, second = year.told["closings"]
    assert sorted((first.status_code, second.status_code)) == [201, 409]
    found = await year.read("qa", "loop-closure", period="FY2026-27")
    # Beside the rounds: the agencies', the managers', a visit, a thematic one and one observed.
    audits = len(done()) + len(AGENCIES) + len(SUPERVISED) + 3
    assert (found["submitted"], found["closed"], found["loop_closed"]) == (audits, 1, 1)
    assert found["percent"] == int(1000 / audits) / 10
    assert (found["actions"], found["actions_closed_with_impact"]) == (1, 1)
    item = await year.read("qa", f"learning/{year.told['learning']}")
    assert item["acknowledged_by"] == [{"unit": "fs_weymouth", "level": "practitioner", "number": 1}]
    assert [one["training_ref"] for one in item["training"]] == ["TR-1"]
    lines = (await year.read("qa", "learning/training-coverage", period="FY2026-27"))["lines"]
    assert {one["source"]: one["percent"] for one in lines}["local_audit"] == 100.0


async def test_R30_a_peer_audit_is_seen_by_the_team_from_its_first_answer(year: Year) -> None:
    assert year.told["peer hidden"][0] == 404
    before, after = year.told["lists"]
    assert before == after
    assert year.told["peer seen"]["status"] == "in_progress"


async def test_R35_managers_who_did_no_supervision_audit_are_overdue(year: Year) -> None:
    found = year.told["supervision overdue"]["items"]
    assert len(found) == 30 - len(SUPERVISED)
    assert not {one["unit"] for one in found} & set(SUPERVISED)


async def test_R37_the_manager_a_concern_is_against_neither_sees_nor_closes_it(year: Year) -> None:
    assert year.told["subject before"] == 404
    assert year.told["subject closes"][0] == 403
    assert (year.told["closed"]["status"], year.told["closed"]["ended_by"]) == ("closed", "head")


async def test_R40_each_assessment_tells_which_checkpoint_is_missing(year: Year) -> None:
    found = await year.read("qa", "sen-assessments", missing="either")
    assert {one["reference"]: one["missing"] for one in found["items"]} == {
        "SEN-2": ["panel"], "SEN-3": ["manager_sign_off", "panel"],
    }  # fmt: skip


async def test_R05_R42_redating_three_times_hides_nothing(year: Year) -> None:
    late = year.told["action in december"]
    assert (late["original_due_on"], late["due_on"], late["times_redated"]) == ("2026-07-31", "2027-02-26", 3)
    # August 31, September 30, October 31, November 30, and 15 of December.
    assert (late["overdue"], late["days_overdue_originally"]) == (True, 31 + 30 + 31 + 30 + 15)
    (body,) = year.told["overdue by body"]["bodies"]
    assert (body["body"], body["overdue"], body["redated_past_today"]) == ("dscb_qa", 1, 1)
    assert year.told["own word"] == (409, "verified-by-another")
    assert year.told["no impact"] == (409, "impact-needed")
    end = year.told["action at the end"]
    assert (end["status"], end["impact"], end["times_redated"]) == ("closed", "positive", 3)


async def test_R43_a_theme_in_three_audits_of_a_team_is_an_alert_that_is_answered(year: Year) -> None:
    def drift(told: str) -> list[dict[str, object]]:
        return [one for one in year.told[told]["items"] if one["theme"] == "drift_and_delay"]

    (alert,) = drift("recurring")
    assert (alert["rule"], alert["unit"], alert["audits"], alert["answered"]) == ("team_theme", "fs_weymouth", 3, None)
    (answered,) = drift("recurring, answered")
    assert isinstance(answered["answered"], dict)
    assert (answered["answered"]["audits"], answered["grown_since_answered"]) == (3, False)


async def test_R33_a_grade_is_disputed_graded_blind_and_settled_by_another_council(year: Year) -> None:
    assert year.told["own grader"] == (409, "grader-not-independent")
    blind, grades = year.told["blind"]
    assert (blind, set(grades.values())) == (True, {None})
    assert year.told["off the scale"] == (422, "grades-do-not-fit")
    assert [one["task"] for one in year.told["my work in dispute"]["items"]] == ["settle_grades"]
    assert year.told["closed in dispute"] == (409, "audit-not-closable")
    settled = year.told["settled"]
    assert (settled["status"], settled["settled_how"]) == ("settled", "third")
    assert {one["part"] for one in settled["gradings"]} == {"first", "second", "third", "final"}
    audit = year.told["after the dispute"]
    assert (audit["status"], audit["grades"]["outcomes_achieved"]) == ("moderated", SETTLED)
    told = await year.read("qa", "moderation/agreement", period="FY2026-27")
    assert (told["total"]["audits"], told["total"]["pairs"], told["total"]["kappa"]) == (1, 3, None)


async def test_R37_an_immediate_concern_in_a_draft_calls_somebody_at_once_and_is_not_taken_back(year: Year) -> None:
    assert year.told["concern"]["immediate_concern"] is True
    raised = year.told["concern raised"]
    assert (raised["status"], raised["unit"]) == ("open", CONCERN[0])
    status, left = year.told["concern left out"]
    assert (status, left["status"]) == (200, "open")
    assert (await year.read("qa", f"escalations/{raised['id']}"))["status"] == "closed"


async def test_R30_a_round_of_visits_is_known_to_a_team_by_the_visit_that_began_and_no_other(year: Year) -> None:
    before, after = year.told["visits unknown"]
    assert before == after
    assert (year.told["slot unknown"][0], year.told["visit unknown"][0]) == (404, 404)
    assert year.told["visits planned"]["expected"] == 14
    assert year.told["visit known"]["status"] == "submitted"
    above, team = year.told["visits done"]
    assert (above["expected"], above["done"]) == (14, 1)
    assert (team["done"], team["withheld"], team["rag"] == "green") == (1, True, False)


async def test_R07_R36_a_review_leads_to_a_thematic_audit_and_its_milestone_is_late(year: Year) -> None:
    assert [one["unit"] for one in year.told["review"]["audits"]] == [THEMATIC[0]]
    assert (year.told["thematic"]["expected"], year.told["thematic"]["done"]) == (1, 1)
    late = await year.read("qa", f"scrutiny/recommendations/{year.told['recommendation']}")
    assert (late["status"], [one["state"] for one in late["steps"]]) == ("open", ["late"])
    trend = await year.read("qa", "scrutiny/trend", topic="information_sharing")
    assert (trend["standing"], trend["recommendations"]["overdue"]) == ("serious_concern", 1)


async def test_R34_a_manager_sets_off_an_audit_in_the_own_team_only(year: Year) -> None:
    assert year.told["others' team"] == (422, "malformed")
    assert [one["unit"] for one in year.told["own round"]["slots"]] == ["fs_weymouth"]


async def test_R44_a_plan_of_two_key_actions_holds_two_and_each_rests_on_something(year: Year) -> None:
    assert year.told["third key action"] == (409, "too-many-key-actions")
    assert year.told["bare action"][0] == 422
    assert year.told["plan"]["progress"]["key_actions"] == 2


async def test_R29_R38_a_conference_is_observed(year: Year) -> None:
    assert (year.told["observed"]["expected"], year.told["observed"]["done"]) == (1, 1)


async def test_R39_a_service_that_did_not_audit_itself_in_the_year_is_missed(year: Year) -> None:
    year.go("2027-07-01")
    found = await year.read("qa", "coverage", programme="sen_outreach_standards", period="FY2026-27")
    assert (found["expected"], found["done"], found["rag"]) == (4, 0, "red")


async def test_R43_the_auditor_is_told_what_was_found_before_and_names_it(year: Year) -> None:
    assert [one["title"] for one in year.told["found before"]] == ["Reviews held late"] * 2
    audit = await year.read("qa", f"audits/{year.audits[REPEATED]}")
    (named,) = [one["repeat_of"] for one in audit["findings"] if one["repeat_of"]]
    first = await year.read("qa", f"audits/{year.audits[REPEATED[0], '2026-04']}")
    assert named in {one["id"] for one in first["findings"] if one["kind"] == "area_for_improvement"}


async def test_everyday_lists_hold_what_the_year_left_undone(year: Year) -> None:
    mine = {(one["task"], one["id"]): one for one in year.told["my work"]["items"]}
    action = mine["complete_action", year.told["action"]]
    assert (action["due_on"], action["agreed_for"], action["days_left"] < 0) == ("2026-07-31", "2027-02-26", True)
    late = {(one["kind"], one["id"]) for one in year.told["overdue"]["items"]}
    assert ("action", year.told["action"]) in late
    assert ("milestone", f"{year.told['recommendation']}:1") in late
    assert ("audit", year.audits[NEVER_DONE]) in late
    assert len(SUPERVISED) + sum(kind == "supervision_audit" for kind, _ in late) == 30
    days = {(one["kind"], one["programme"], one["day"]) for one in year.told["calendar"]["items"]}
    assert ("round_due", "monthly_case_audit", "2027-02-12") in days
