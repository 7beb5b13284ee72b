"""A year of feedback through the public API alone: each answer is compared with what simple counting of its plan says."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from shared.auth.local_issuer import LocalIssuer
from tests.conftest import Server
from tests.feedback_api.year_complaints import COMPLAINTS, DUE, closed, received
from tests.feedback_api.year_plan import (
    CHALLENGES,
    CHANNELS,
    COMMITMENTS,
    HARM,
    INVOLVED,
    MONTHS,
    NEVER_INVOLVED,
    NOBODY,
    ONE_METHOD,
    QUARTERS,
    REVIEW_CODES,
    SHAREABLE,
    SILENT,
    SILENT_QUARTER,
    TOOK_PART,
    UNANSWERED,
    YEAR,
    months_of,
    views,
)  # fmt: skip
from tests.feedback_api.year_steps import Year, begun
from tests.feedback_api.year_told import live


@pytest.fixture(scope="module")
async def year(server: Server, template: Callable[..., str], issuer: LocalIssuer) -> AsyncIterator[Year]:
    async with begun(server, template, issuer) as told:
        await live(told)
        yield told


def tallies(rows: list[dict[str, object]]) -> dict[object, object]:
    return {one["code"]: one["count"] for one in rows if one["count"]}


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


async def test_R59_each_clock_ran_over_the_holidays_as_a_calendar_has_it(year: Year) -> None:
    cases = {ref: await year.read("complaints", f"complaints/{ref}") for ref in {ref for ref, _ in DUE}}
    clocks = {
        (ref, one["stage"]): one["statutory"]["due_on"] for ref, case in cases.items() for one in case["stages"]
    }  # fmt: skip
    assert clocks == DUE
    # LATE's stage 2 was open as well when the day was proclaimed.
    assert year.told["proclaimed"] == ("2026-06-15", "2026-06-16", 2)
    assert cases["EASTER"]["current"]["statutory"]["state"] == "past"
    assert {(ref, cases[ref]["outcome"], cases[ref]["closed_on"]) for ref in cases} == {
        (one.ref, one.outcome, one.closed_on) for one in COMPLAINTS if one.ref in cases
    }


async def test_R59_a_complaint_went_through_all_stages_with_people_the_rules_allow(year: Year) -> None:
    barred = year.told["STAGES", "refused people", "stage_2"], year.told["STAGES", "refused people", "stage_3"]
    assert barred == ((409, "person-barred"),) * 2
    stages = (await year.read("complaints", "complaints/STAGES"))["stages"]
    second, third = ([(one["person"], one["left_on"]) for one in stage["people"]] for stage in stages[1:3])
    assert second == [("io-1", None), ("ip-1", "2026-09-21"), ("ip-2", None)]
    assert third == [(f"panel-{n}", None) for n in range(3)]
    assert year.told["LATE", "refused stages", "stage_2"] == (409, "stage-asked-for-too-late")


async def test_R59_withdrawn_and_refused_complaints_keep_both_clocks(year: Year) -> None:
    clocks = {
        ref: [(one["run"], one["statutory"]["due_on"]) for one in (await year.read("complaints", path))["stages"]]
        for ref, path in (("WITHDRAWN", "complaints/WITHDRAWN"), ("REFUSED", "complaints/REFUSED"))
    }
    assert clocks["WITHDRAWN"] == [(1, "2026-11-16"), (2, "2026-11-30")]
    assert clocks["REFUSED"] == [(1, "2026-09-21"), (2, "2026-10-05")]


async def test_R59_the_same_export_loaded_three_times_is_loaded_once(year: Year) -> None:
    assert year.told["loads"] == [{201}, {200}, {200}]


async def test_R59_two_references_are_one_complaint(year: Year) -> None:
    found = await year.call("complaints", "GET", "complaints/TWICE-2")
    assert (found.status_code, found.headers["location"][-7:]) == (303, "TWICE-1")


@pytest.mark.parametrize("month", MONTHS)
async def test_R59_each_month_is_reconciled_and_one_is_missing_on_each_side(year: Year, month: str) -> None:
    found = year.told["reconciled", month]
    differences = {(one["respond_ref"], one["difference"]) for one in found["differences"]}
    july = {("EXP-0", "missing_in_source"), ("SRC-1", "missing_here")}
    assert differences == (july if month == "2026-07" else set())


@pytest.mark.parametrize("period", [*QUARTERS, YEAR])
async def test_R60_the_report_comes_on_the_day_after_and_names_missing_learning_by_owner(
    year: Year, period: str
) -> None:
    found = await year.read("complaints", "complaints/reports", period=period, edition=1)
    months = months_of(period)
    assert found["on_time"] and found["produced_at"].startswith(found["due_on"])
    assert found["complaints"]["received"] == len(received(months))
    ended = closed(months)
    assert tallies(found["complaints"]["outcomes"]) == Counter(one.outcome for one in ended)
    lacking = {(one.unit, one.ref) for one in ended if one.upheld and not one.learned}
    named = {
        (owner["unit"], one["respond_ref"])
        for owner in found["learning"]["missing_by_owner"] for one in owner["complaints"]
    }  # fmt: skip
    assert named == lacking
    assert all(owner["owner"] for owner in found["learning"]["missing_by_owner"])


async def test_R60_what_a_manager_adds_supersedes_the_report_which_stays_as_it_was(year: Year) -> None:
    asked = {"period": "FY2026-27-Q1"}
    newest = await year.read("complaints", "complaints/reports", **asked)
    assert (newest["edition"], newest["supersedes"]) == (2, 1)
    assert [one["unit"] for one in newest["learning"]["updates"]] == ["fs_weymouth"]
    first = await year.read("complaints", "complaints/reports", **asked, edition=1)
    assert first == year.told["Q1, first"] | {"superseded_by": 2}
    assert [one["unit"] for one in first["learning"]["updates_missing"]] == ["fs_weymouth"]


async def test_R61_weaknesses_are_counted_by_theme_and_team_and_linked_to_an_action(year: Year) -> None:
    quarter = "FY2026-27-Q2"
    rows = (await year.read("complaints", "weaknesses", period=quarter, limit=500))["items"]
    months = QUARTERS[quarter]
    counted = Counter((one.unit, "communication") for one in received(months))
    counted += Counter(
        (one.unit, theme) for one in views(months=months) if one.sentiment == "negative" for theme in one.themes
    )
    assert {(one["unit"], one["theme"]): one["now"]["total"] for one in rows} == counted
    acted = [(one["unit"], one["theme"], one["actions"]) for one in rows if not one["no_action_yet"]]
    assert acted == [("fs_weymouth", "communication", ["ACT-2026-031"])]


async def test_R62_learning_is_shared_across_agencies_once_another_approved_it(year: Year) -> None:
    before, after = year.told["shared"]
    assert before == []
    assert [(one["origin"], one["agency"], one["relevant"]) for one in after] == [
        ("agency", "dorset_police", 1), ("complaint", None, 0),
    ]  # fmt: skip
    assert after[1]["learning"] == "Say when the office is closed."


async def test_R59_a_remedy_of_the_ombudsmans_case_is_overdue(year: Year) -> None:
    (late,) = (await year.read("complaints", "remedies", overdue="true"))["items"]
    assert (late["id"], late["respond_ref"], late["due_on"]) == (year.told["remedy"], "STAGES", "2027-03-01")
    found = await year.read("head", "remedies/compliance", period=YEAR)
    assert found["enquiries"]["decisions"] == {"upheld": 1}


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
    assert year.told["approved words"] == [[], [], [SHAREABLE], []]
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
    found = await year.read("practitioner", "you-said-we-did")
    assert {one["did"] for one in found["items"]} == {f"It was done {at}." for at in range(0, len(INVOLVED), 2)}
