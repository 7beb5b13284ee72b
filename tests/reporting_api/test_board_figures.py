"""One measure as a board reads it: trend with limits, year's end, tolerance, quartile, teams, what it saw before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.reporting_api.assembly.beside import comparisons_of
from services.reporting_api.assembly.indicator_answers import PositionRow
from shared.schemas.series import SeriesSegment
from tests.reporting_api.conftest import Desk, section
from tests.reporting_api.fake_evidence import DORSET, a_comparator, a_position, a_series
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.test_clock import tick, work_off

MONTHLY = "supervision_in_time"
COUNT = "complaints_received"
YEAR = [f"2025-{month:02d}" for month in range(9, 13)] + [f"2026-{month:02d}" for month in range(1, 11)]
QUARTER = "FY2026-27-Q1"


def of(report: dict[str, Any], indicator: str, code: str = "key_indicators") -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in section(report, code)["figures"] if one["indicator"] == indicator)
    return found


async def drawn(desk: Desk, indicator: str = MONTHLY) -> dict[str, Any]:
    return of(await desk.document((await desk.draft())["id"]), indicator)


def a_year(desk: Desk) -> None:
    desk.neighbours.points[MONTHLY] = [(month, 60.0 + place, None, None) for place, month in enumerate(YEAR)]


async def test_the_trend_is_the_last_twelve_periods_and_the_figure_its_last_point(desk: Desk) -> None:
    a_year(desk)
    figure = await drawn(desk)
    assert [one["period"] for one in figure["trend"]] == YEAR[-12:]
    assert figure["trend"][-1]["display"] == figure["display"] == "73.0%"
    assert [one["period"] for one in figure["previous"]] == ["2026-09", "2026-08", "2026-07"]
    assert figure["trend"][0]["label"] == "November 2025"


async def test_the_year_s_end_is_the_last_month_of_the_financial_year_before(desk: Desk) -> None:
    a_year(desk)
    figure = await drawn(desk)
    assert (figure["year_end"]["period"], figure["year_end"]["display"]) == ("2026-03", "66.0%")
    assert (await drawn(desk, "looked_after_rate"))["year_end"] is None


async def test_a_point_carries_the_limits_it_is_judged_by_and_the_break_before_it(desk: Desk) -> None:
    a_year(desk)
    desk.neighbours.segments[MONTHLY] = [
        SeriesSegment.model_validate(
            {"from": "2026-04", "to": "2026-10", "n": 7, "mean": 70.0, "lpl": 62.5, "upl": 77.5, "near_lpl": 65.0,
             "near_upl": 75.0, "trial_limits": True}
        )
    ]  # fmt: skip
    desk.neighbours.labels[MONTHLY] = "special_cause_improvement"
    trend = (await drawn(desk))["trend"]
    before, after = trend[4], trend[5]
    assert (before["period"], before["mean"], before["lower_limit"]) == ("2026-03", None, None)
    assert (after["mean"], after["lower_limit"], after["upper_limit"]) == (70.0, 62.5, 77.5)
    assert after["trial_limits"]
    assert trend[-1]["signal"] == "significantly better than usual"


async def test_target_tolerance_colour_and_travel_stand_in_words(desk: Desk) -> None:
    item = framework_item("indicators", MONTHLY)
    desk.neighbours.targets[MONTHLY] = {"value": 90.0, "tolerance": 20.0, "from_period": "2020-01", "to_period": None}
    desk.neighbours.points[MONTHLY] = [("2026-09", 60.0, None, None), ("2026-10", 55.0, None, None)]
    figure = await drawn(desk)
    assert item["polarity"] == "high_is_good"
    assert (figure["good_is_words"], figure["direction_words"]) == ("high", "worsening")
    assert (figure["target"], figure["tolerance"], figure["rag"]) == (61.0, 20.0, "amber")
    assert figure["rag_words"] == "amber: misses the target within its tolerance"
    assert figure["target_display"] == "61.0%, within 20.0 points"


async def test_the_neighbours_average_and_best_the_nation_and_the_top_quartile_stand_beside(desk: Desk) -> None:
    figure = await drawn(desk, "rereferrals")
    beside = {one["kind"]: one for one in figure["comparisons"]}
    assert beside["nation"]["average_display"] == "70.0%"
    neighbours = beside["statistical_neighbours"]
    assert (neighbours["average_display"], neighbours["best_display"]) == ("60.1%", "44.0%")
    quartile = figure["top_quartile"]
    assert (quartile["display"], quartile["band"], quartile["rank"]) == ("40.0%", "A", 12)
    assert quartile["n_authorities"] == 151
    assert (await drawn(desk, "assessments_in_45_days"))["top_quartile"]["display"] == "61.5%"


def test_a_set_of_which_too_few_have_a_figure_says_so() -> None:
    one = {**a_comparator("all_authorities"), "mean": None, "median": None, "best": None, "n_available": 16}
    position = PositionRow.model_validate(
        {**a_position("rereferrals", {}, ranked=True), "period": "RY2025", "comparators": [{**one, "n_members": 153}]}
    )
    series = a_series("rereferrals", [DORSET], {})
    (beside,) = comparisons_of(series, position, series.areas[0].points[-1])
    assert (beside.display, beside.average_display) == ("too few figures for an average, 16 of 153", None)


async def test_another_period_s_position_is_not_set_beside_the_figure(desk: Desk) -> None:
    desk.neighbours.position_periods["rereferrals"] = "RY2024"
    figure = await drawn(desk, "rereferrals")
    assert (figure["comparisons"], figure["top_quartile"]) == ([], None)


async def test_teams_that_report_a_measure_stand_under_it_also_one_that_did_not_this_time(desk: Desk) -> None:
    desk.neighbours.points[f"{MONTHLY}/fs_weymouth"] = [("2026-09", 50.0, 5, 10), ("2026-10", 60.0, 6, 10)]
    desk.neighbours.points[f"{MONTHLY}/fs_portland"] = [("2026-09", 50.0, 5, 10)]
    teams = {one["unit"]: one for one in (await drawn(desk))["units"]}
    assert set(teams) == {"fs_weymouth", "fs_portland"}
    assert (teams["fs_weymouth"]["display"], teams["fs_weymouth"]["before_display"]) == ("60.0%", "50.0%")
    assert teams["fs_weymouth"]["direction_words"] == "improving"
    assert (teams["fs_portland"]["value"], teams["fs_portland"]["display"]) == (None, "x")


async def show_complaints(desk: Desk) -> None:
    item = framework_item("reports", "csdg_monthly")
    sections = [
        {**one, "indicators": [*one["indicators"], COUNT]} if one["code"] == "key_indicators" else one
        for one in item["sections"]
    ]
    await apply_change(await desk.client("admin"), "reports", {**item, "sections": sections})


async def test_a_small_number_of_one_team_hides_every_team_s_from_those_who_see_none(desk: Desk) -> None:
    await show_complaints(desk)
    desk.neighbours.points[COUNT] = [(QUARTER, 30.0, None, None)]
    for team, count in (("fs_weymouth", 3.0), ("fs_portland", 12.0), ("fs_chesil", 15.0)):
        desk.neighbours.points[f"{COUNT}/{team}"] = [(QUARTER, count, None, None)]
    report = await desk.publish((await desk.draft())["id"])
    copy = await desk.document(report["id"], "board_reader")
    assert sorted(one["display"] for one in of(report, COUNT)["units"]) == ["12", "15", "3"]
    assert of(copy, COUNT)["display"] == "30"
    assert {one["display"] for one in of(copy, COUNT)["units"]} == {"c"}


async def test_a_hidden_figure_s_rank_and_band_are_not_told_either(desk: Desk) -> None:
    item = framework_item("indicators", "adopted")
    assert item["disclosure"]["published_by"]
    await show_complaints(desk)
    desk.neighbours.ranked.add(COUNT)
    desk.neighbours.points[COUNT] = [(QUARTER, 3.0, None, None)]
    report = await desk.publish((await desk.draft())["id"])
    copy = await desk.document(report["id"], "board_reader")
    assert of(copy, COUNT)["display"] == "c"
    assert of(copy, COUNT)["status_words"].startswith("hidden because it is small")
    quartile = of(copy, COUNT)["top_quartile"]
    assert quartile is None or (quartile["rank"], quartile["band"], quartile["reached"]) == (None, None, None)


async def test_a_figure_restated_after_publication_is_marked_wherever_it_stands(desk: Desk) -> None:
    a_year(desk)
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    restated = [
        (month, value + (month == "2026-08"), None, None) for month, value, *_ in desk.neighbours.points[MONTHLY]
    ]
    desk.neighbours.points[MONTHLY] = restated
    figure = await drawn(desk)
    assert figure["changed_since_last_report"] is None
    assert [one["changed_from"] for one in figure["previous"]] == [None, "71.0%", None]
    assert [one["period"] for one in figure["trend"] if one["changed_from"]] == ["2026-08"]


async def test_a_correction_marks_what_the_edition_before_it_showed(desk: Desk) -> None:
    a_year(desk)
    first = await desk.publish((await desk.draft())["id"])
    newest = desk.neighbours.points[MONTHLY].pop()
    desk.neighbours.points[MONTHLY].append((newest[0], 80.0, None, None))
    await desk.step(first["id"], "supersessions", {"reason": "A late return."})
    figure = await drawn(desk)
    assert (figure["display"], figure["changed_since_last_report"]) == ("80.0%", "73.0%")


async def test_R20_figures_are_grouped_by_the_four_themed_areas_and_so_is_the_pack(desk: Desk) -> None:
    report = await desk.document((await desk.draft())["id"])
    shown = section(report, "key_indicators")
    grouped = [code for group in shown["groups"] for code in group["indicators"]]
    assert sorted(grouped) == sorted(one["indicator"] for one in shown["figures"])
    assert [one["code"] for one in report["themed_areas"]] == [
        "performance_management", "staff_and_service_user_feedback", "workforce_development",
        "partnership_and_external_scrutiny",
    ]  # fmt: skip
    areas = {one["code"]: one for one in report["themed_areas"]}
    assert {"key_indicators", "audit_round", "actions"} <= set(areas["performance_management"]["sections"])
    assert {"feedback", "complaints"} <= set(areas["staff_and_service_user_feedback"]["sections"])
    assert areas["workforce_development"]["figures"] > 3
    assert all(one["headline"] for one in report["themed_areas"])


async def test_a_report_the_clock_catches_up_late_tells_the_figures_as_they_stood_on_the_day_it_was_due(
    desk: Desk,
) -> None:
    await tick(desk.reporting)
    desk.reporting.clock.advance(timedelta(days=8))  # past 27 November, when October's report was due
    await tick(desk.reporting)
    await work_off(desk.reporting)
    occurrence = await desk.occurrence(period="2026-10")
    report = await desk.document(occurrence["report_id"])
    assert (report["due_on"], report["as_of"]) == ("2026-11-27", "2026-11-27T23:59:59.999999Z")
    asked = {params.get("as_at") for path, params, _ in desk.neighbours.indicator.asked if path == "/v1/series"}
    assert "2026-11-27T23:59:59.999999+00:00" in asked
    assert report["caveats"][0].startswith("Indicators stand as at the end of 27 November 2026")


async def test_what_came_late_is_in_a_draft_made_by_hand_and_stays_when_the_clock_refreshes_it(desk: Desk) -> None:
    await tick(desk.reporting)
    desk.reporting.clock.advance(timedelta(days=8))
    desk.neighbours.audit.mode = "wrong_schema"
    draft = await desk.draft(period="2026-10")
    report = await desk.document(draft["id"])
    assert (report["due_on"], report["as_of"]) == ("2026-11-27", "2026-12-01T09:00:00Z")
    assert report["missing"]
    desk.neighbours.audit.mode = "up"
    desk.reporting.clock.advance(timedelta(hours=1))
    await tick(desk.reporting)
    await work_off(desk.reporting)
    report = await desk.document(draft["id"])
    assert (report["as_of"], report["missing"]) == ("2026-12-01T10:00:00Z", [])


async def test_a_figure_that_came_late_is_told_where_the_caller_says_up_to_when(desk: Desk) -> None:
    found = await desk.occurrence(period="2026-08")
    client = await desk.client("analyst")
    path = f"/v1/occurrences/{found['id']}/assemblies"
    draft = (await client.post(path, params={"cut_off": "2026-11-10"})).json()
    assert (await desk.document(draft["id"]))["as_of"] == "2026-11-10T23:59:59.999999Z"
    whole = (await client.post(path, params={"cut_off": "2027-01-31"})).json()
    assert (await desk.document(whole["id"]))["as_of"] == "2026-11-23T09:00:00Z"
    refused = await client.post(path, params={"cut_off": "2026-08-30"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "before_period_end")


async def test_a_correction_is_as_of_now(desk: Desk) -> None:
    first = await desk.publish((await desk.draft(period="2026-08"))["id"])
    await desk.step(first["id"], "supersessions", {"reason": "A late return."})
    assert (await desk.document((await desk.draft(period="2026-08"))["id"]))["as_of"] == "2026-11-23T09:00:00Z"


async def test_a_correction_of_an_earlier_period_does_not_make_the_board_forget_the_later_one(desk: Desk) -> None:
    a_year(desk)
    first = await desk.publish((await desk.draft(period="2026-08"))["id"])
    desk.reporting.clock.advance(timedelta(hours=1))
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    desk.reporting.clock.advance(timedelta(hours=1))
    whole = desk.neighbours.points[MONTHLY]
    desk.neighbours.points[MONTHLY] = [row for row in whole if row[0] <= "2026-07"]  # all that the correction shows
    begun = await desk.step(first["id"], "supersessions", {"reason": "A late return."})
    assert (await desk.assemble(period="2026-08")).status_code == 201
    await desk.publish(begun.json()["id"])
    desk.neighbours.points[MONTHLY] = [(month, value + (month == "2026-08"), None, None) for month, value, *_ in whole]
    figure = await drawn(desk)
    assert [one["period"] for one in figure["trend"] if one["changed_from"]] == ["2026-08"]
