"""A year of feedback through the public API alone: each answer is compared with what simple counting of its plan says."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from shared.auth.local_issuer import LocalIssuer
from tests.conftest import Server
from tests.feedback_api.year_complaints import COMPLAINTS, DUE, closed, received
from tests.feedback_api.year_plan import (
    CHANNELS,
    MONTHS,
    QUARTERS,
    REVIEW_CODES,
    SILENT,
    SILENT_QUARTER,
    TOOK_PART,
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
