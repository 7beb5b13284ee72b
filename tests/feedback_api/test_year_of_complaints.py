"""The complaints of the year: clocks, reports, learning and reconciliation against what was counted by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.feedback_api.year_complaints import COMPLAINTS, COMPLIMENTS, DUE, REPORTED, closed, received
from tests.feedback_api.year_plan import MONTHS, QUARTERS, YEAR, months_of, tallies, views
from tests.feedback_api.year_steps import Year


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
    assert found["on_time"] and period in year.told["reported", found["due_on"]]
    assert {day: year.told["reported", day] for day in REPORTED} == REPORTED
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
    said_then = year.told["Q1, first"]
    assert first["content_hash"] == said_then["content_hash"] != newest["content_hash"]
    assert first["learning"] == said_then["learning"] | {"updates_since": ["fs_weymouth"]}
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
    assert {(one["origin"], one["agency"], one["relevant"]) for one in after} == {
        ("agency", "dorset_police", 1), ("complaint", None, 0),
    }  # fmt: skip
    assert "Say when the office is closed." in [one["learning"] for one in after]


async def test_R59_a_remedy_of_the_ombudsmans_case_is_overdue(year: Year) -> None:
    (late,) = (await year.read("complaints", "remedies", overdue="true"))["items"]
    assert (late["id"], late["respond_ref"], late["due_on"]) == (year.told["remedy"], "STAGES", "2027-03-01")
    found = await year.read("head", "remedies/compliance", period=YEAR)
    assert found["enquiries"]["decisions"] == {"upheld": 1}


@pytest.mark.parametrize("period", [*QUARTERS, YEAR])
async def test_R59_the_summary_counts_complaints_and_compliments_as_the_plan_has_them(year: Year, period: str) -> None:
    found, months = await year.read("analyst", "summary", period=period), months_of(period)
    assert found["complaints"]["received"] == len(received(months))
    assert found["compliments"] == sum(day[:7] in months for _, day in COMPLIMENTS.values())
    # The summary follows those received in the period to their end; the report counts what ended in it.
    counted = Counter(one.outcome for one in received(months) if one.outcome)
    assert {name: many for name, many in found["complaints"]["outcomes"].items() if many} == counted
    missing = [one for one in received(months) if one.upheld and not one.learned]
    assert found["complaints"]["learning_missing"] == len(missing)


async def test_R59_only_the_complaint_of_easter_is_open_and_past_its_limit(year: Year) -> None:
    rows = (await year.read("complaints", "complaints", status="open"))["items"]
    assert [(one["respond_ref"], one["overdue"]) for one in rows] == [("EASTER", True)]
    late = (await year.read("complaints", "complaints", past_limit="true"))["items"]
    assert [one["respond_ref"] for one in late] == ["EASTER"]
