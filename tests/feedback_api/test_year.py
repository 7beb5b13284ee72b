"""A year of feedback through the public API alone: each answer is compared with what counting its plan says."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.feedback_api.year_plan import (
    CHALLENGES,
    CHANNELS,
    COMMITMENTS,
    HARM,
    INVOLVED,
    MONTHS,
    NEVER_INVOLVED,
    NOBODY,
    ONE_BY_ONE,
    ONE_METHOD,
    QUARTERS,
    REVIEW_CODES,
    SHAREABLE,
    SILENT,
    SILENT_QUARTER,
    TOOK_PART,
    UNANSWERED,
    VIEWS,
    YEAR,
    months_of,
    tallies,
    views,
)  # fmt: skip
from tests.feedback_api.year_steps import Year, audit_of, recorded
from tests.feedback_api.year_surveys import (
    COURSE,
    NEVER_ASKED,
    POPULATION,
    STAKEHOLDERS,
    SURE,
    favourable,
)  # fmt: skip


@pytest.mark.parametrize("period", [*MONTHS, *QUARTERS, YEAR])
async def test_R13_R16_the_summary_of_each_period_counts_who_was_heard(year: Year, period: str) -> None:
    found, said = await year.read("analyst", "summary", period=period), views(months=months_of(period))
    assert (found["protected"], found["views"]) == (False, len(said))
    assert tallies(found["channels"]) == Counter(one.channel for one in said)
    assert tallies(found["respondent_groups"]) == Counter(one.group for one in said)
    assert tallies(found["units"]) == Counter(one.unit for one in said)
    assert tallies(found["themes"]) == Counter(theme for one in said for theme in one.themes)
    feelings = Counter(one.sentiment or "not_given" for one in said)
    assert {word: found["sentiment"][word] for word in feelings} == feelings
    ratings = [one.rating for one in said if one.rating]
    assert found["rating"]["given"] == len(ratings)
    assert found["rating"]["mean"] == pytest.approx(sum(ratings) / len(ratings), abs=0.006)


@pytest.mark.parametrize("quarter", QUARTERS)
async def test_R13_R16_two_channels_are_silent_in_one_quarter_and_none_in_another(year: Year, quarter: str) -> None:
    found = await year.read("qa", "coverage", period=quarter)
    assert sorted(found["silent_channels"]) == (sorted(SILENT) if quarter == SILENT_QUARTER else [])
    assert {one["code"] for one in found["channels"]} == set(CHANNELS)


async def test_R13_a_view_leads_to_the_audit_in_which_it_was_given_and_sent_again_changes_nothing(year: Year) -> None:
    linked = next(one for one in VIEWS if one.channel == ONE_BY_ONE and one.number % 3 == 0)
    (view,) = (await year.read("admin", "views", audit=audit_of(linked)))["items"]
    assert (view["channel"], view["given_on"]) == (linked.channel, linked.day)
    again = await year.call("key worker system", "POST", "views", recorded(linked))
    assert (again.status_code, again.json()["id"]) == (200, view["id"])


async def test_R13_review_codes_are_heard_and_children_under_four_are_in_no_share(year: Year) -> None:
    assert year.told["reviews"]["created"] == sum(REVIEW_CODES.values())
    found = await year.read("analyst", "review-participation", period="FY2026-27-Q2")
    considered = sum(REVIEW_CODES.values()) - REVIEW_CODES["PN0"]
    assert (found["under_four"], found["considered"]) == (REVIEW_CODES["PN0"], considered)
    part = found["took_part"]
    assert (part["count"], part["of"]) == (sum(REVIEW_CODES[code] for code in TOOK_PART), considered)


async def test_R15_themes_were_suggested_and_decided_and_the_accuracy_is_as_counted(year: Year) -> None:
    suggested, score = year.told["suggested"], year.told["accuracy"]["score"]
    assert score["records"] == len(suggested) == 20
    assert score["right"] == sum(theme in offered for theme, offered in suggested)
    assert score["wrong"] == sum(len(offered - {theme}) for theme, offered in suggested)
    assert score["missed"] == sum(theme not in offered for theme, offered in suggested) > 0


async def test_a_disclosure_without_a_login_reaches_the_duty_role_and_goes_up_when_nobody_answers(year: Year) -> None:
    assert year.told["sent"] == (202, ["999", "0800 1111"])
    assert year.told["sent again"] == (409, "token-not-usable")
    flag = year.told["flagged"]
    assert (flag["status"], flag["role"], flag["age_minutes"]) == ("waiting", "duty_officer", 0)
    assert year.told["late"] == ("duty_officer", 70, "qa_manager")
    assert HARM in [one["text"] for one in year.told["words for duty"]]
    kinds = [one["kind"] for one in year.told["duty"]["events"]]
    assert kinds == ["raised", "escalated", "acknowledged", "decided"]


async def test_R17_words_reach_a_board_redacted_approved_by_another_and_not_after_consent_ends(year: Year) -> None:
    assert year.told["blocked"] == ["name"]
    assert year.told["own hand"] == (409, "same-hand")
    assert year.told["approved words"] == [[], [], [SHAREABLE], ["Say when the office is closed."]]
    assert year.told["board itself"] == 403


async def test_R19_one_of_four_challenges_stays_unanswered(year: Year) -> None:
    assert {year.told["challenge", body]["response_due"] for body in CHALLENGES} == {"2026-11-17"}
    found = await year.read("qa", "challenges/unanswered")
    assert [(one["raised_by_body"], one["overdue"]) for one in found["items"]] == [(UNANSWERED, True)]
    rows = (await year.read("qa", "challenges"))["items"]
    assert Counter(one["status"] for one in rows) == {"closed": 3, "open": 1}


@pytest.mark.parametrize("quarter", QUARTERS)
async def test_R10_R14_a_team_with_one_method_and_a_stage_never_involved_are_named(year: Year, quarter: str) -> None:
    found = await year.read("qa", "coverage", period=quarter)
    here = [one for one in INVOLVED if one[0][:7] in QUARTERS[quarter]]
    assert (ONE_METHOD in found["single_method_teams"]) == any(one[1] == ONE_METHOD for one in here)
    stages = {one["code"]: one["activities"] for one in found["stages"]}
    assert {code: many for code, many in stages.items() if many} == Counter(one[3] for one in here if one[3])
    assert NEVER_INVOLVED in found["uncovered_stages"]


async def test_R11_the_statement_says_who_took_part_and_where_nobody_did(year: Year) -> None:
    found = await year.read("analyst", "participation-statement", period="FY2026-27-Q2")
    here = [one for one in INVOLVED if one[0][:7] in QUARTERS["FY2026-27-Q2"]]
    people: Counter[str] = sum((Counter(one[4]) for one in here), Counter())
    assert ({one["code"]: one["people"] for one in found["who"]}, found["how_many"]) == (people, people.total())
    assert {one["code"]: one["activities"] for one in found["methods"]} == Counter(one[2] for one in here)
    assert [one["unit"] for one in found["none_took_part"]] == [NOBODY[0]]


async def test_R12_commitments_stand_with_their_evidence(year: Year) -> None:
    assert year.told["bare commitment"] == (409, "commitment-evidence-missing")
    found = await year.read("qa", "strategy/overview")
    statuses = Counter(COMMITMENTS.values()) + Counter(not_started=6 - len(COMMITMENTS))
    assert {status: many for status, many in found["statuses"].items() if many} == statuses
    assert found["done_with_evidence"] == 1


async def test_R10_you_said_we_did_has_what_a_second_person_approved(year: Year) -> None:
    found = await year.read("everywhere", "you-said-we-did")
    assert {one["did"] for one in found["items"]} == {f"It was done {at}." for at in range(0, len(INVOLVED), 2)}


@pytest.mark.parametrize("role", ["analyst", "admin", "head", "everywhere"])
async def test_R16_exit_interviews_below_the_threshold_tell_nothing_to_anybody(year: Year, role: str) -> None:
    found = await year.read(role, f"survey-waves/{year.told['wave', 'leavers']}/results")
    assert (found["responses"], found["questions"], found["by_unit"]) == (None, [], [])


async def test_R16_R27_the_second_staff_survey_tells_the_change_and_the_figure(year: Year) -> None:
    found = await year.read("analyst", f"survey-waves/{year.told['wave', 'second']}/results")
    (audit,) = [one for one in found["questions"] if one["question"] == "audit_helps"]
    (good, asked), (before, asked_before) = favourable("second"), favourable("first")
    assert (found["responses"], audit["favourable"]["count"], found["previous"]["wave"]) == (
        asked, good, year.told["wave", "first"],
    )  # fmt: skip
    change = audit["change"]["share"]
    assert change["value"] == pytest.approx(100 * (good / asked - before / asked_before), abs=0.06)
    # Newcombe's hybrid score limits of 32 of 47 less 22 of 44, by hand.
    assert (change["lower"], change["upper"], audit["change"]["clear"]) == (-2.0, 36.3, False)
    figures = (await year.read("analyst", "survey-indicators", period=YEAR))["items"]
    (council,) = [one for one in figures if one["area"] == "E06000059"]
    assert (council["indicator"], council["numerator"], council["denominator"]) == ("attitude_to_audit", good, asked)


async def test_R57_a_course_is_evaluated_again_after_three_months(year: Year) -> None:
    assert [(one["course"], one["month"]) for one in year.told["owed"]] == [(COURSE, 3)]
    found = await year.read("qa", f"survey-waves/{year.told['wave', 'after']}/transfer")
    (sure,) = [one for one in found["questions"] if one["question"] == "confident"]
    better, worse = (sum(later * sign > first * sign for first, later in SURE.values()) for sign in (1, -1))
    # Two became less sure: fewer than may be told, and so is what would give them away.
    assert (found["pairs"], better, worse) == (len(SURE), 12, 2)
    assert sure["worse"] is None


async def test_R63_one_group_of_a_service_and_all_of_the_others_are_missing(year: Year) -> None:
    items = (await year.read("qa", "survey-duties", year=YEAR))["items"]
    missing = {one["unit"]: one["missing"] for one in items}
    assert missing.pop("hearing_support") == [NEVER_ASKED]
    assert {len(groups) for groups in missing.values()} == {5}
    found = await year.read("analyst", f"survey-waves/{year.told['wave', 'stakeholders']}/results")
    asked = sum(STAKEHOLDERS.values())
    assert (found["responses"], found["population"]) == (asked, POPULATION * len(STAKEHOLDERS))
    assert {one["code"]: one["responses"] for one in found["by_group"]} == STAKEHOLDERS


async def test_R63_a_child_answers_without_a_login_and_nothing_is_refused(year: Year) -> None:
    assert (year.told["public answer"]["received"], year.told["public answer"]["set_aside"]) == (True, 1)
    assert year.told["public again"][0] == 409
    assert {one["words"] for one in year.told["quarantined"]} == {"She signs with me.", "a bit"}
