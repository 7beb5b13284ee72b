"""What the indicator service watches: exceptions with their answers, focus, registers, the workforce, restatements."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from services.reporting_api.document import HELD_BACK
from tests.reporting_api.conftest import Desk, section
from tests.reporting_api.fake_evidence import an_exception
from tests.reporting_api.framework_changes import apply_change, framework_item

MONTHLY = "supervision_in_time"
COUNT = "complaints_received"


async def report_of(desk: Desk, report: str = "csdg_monthly", period: str = "2026-10") -> dict[str, Any]:
    return await desk.document((await desk.draft(report, period))["id"])


async def show_to(desk: Desk, report: str, **changes: Any) -> None:
    item = framework_item("reports", report)
    await apply_change(await desk.client("admin"), "reports", {**item, **changes})


async def test_R50_an_exception_tells_its_answer_and_how_long_it_has_stood_without(desk: Desk) -> None:
    answered = {"by": "A Head of Service", "at": "2026-10-20T10:00:00Z", "explanation": "A new team started.",
                "expected_until": "2026-12-31"}  # fmt: skip
    desk.neighbours.exceptions = [
        an_exception(key="a", new=False, first_raised_period="RY2024", unanswered_days=40, title="A"),
        an_exception(key="b", answered=answered, title="B"),
    ]
    desk.neighbours.resolved = [an_exception(key="c", new=False, status="resolved", title="C")]
    told = section(await report_of(desk), "exceptions")
    rows = {one["key"]: one for one in told["items"]}
    assert (rows["a"]["status"], rows["a"]["unanswered_days"]) == ("standing", 40)
    assert rows["a"]["first_raised"] == "year to 31 March 2024"
    assert (rows["b"]["status"], rows["b"]["explanation"]) == ("new", "A new team started.")
    assert (rows["b"]["answered_on"], rows["b"]["expected_until"]) == ("2026-10-20", "2026-12-31")
    assert rows["c"]["status"] == "resolved"
    totals = {one["code"]: one["value"] for one in told["summary"]}
    assert (totals["exceptions"], totals["new"], totals["resolved"], totals["unanswered"]) == (2, 1, 1, 1)


async def test_an_answer_may_tell_a_hidden_figure_and_a_resolved_one_is_protected_too(desk: Desk) -> None:
    answered = {"by": "x", "at": "2026-10-20T10:00:00Z", "explanation": "All 3 are siblings."}
    small = {"indicator": COUNT, "title": "Complaints", "figure": {"value": 3, "value_status": None}, "display": "3"}
    desk.neighbours.exceptions = [an_exception(key="a", answered=answered, **small)]
    desk.neighbours.resolved = [an_exception(key="b", status="resolved", sentence="It was 3.", **small)]
    report = await desk.publish((await desk.draft())["id"])
    copy = section(await desk.document(report["id"], "board_reader"), "exceptions")
    assert [(one["display"], one["explanation"]) for one in copy["items"]] == [("c", None), ("c", None)]
    assert "3" not in "".join(one["sentence"].replace("31 March", "") for one in copy["items"])


async def test_R49_areas_of_focus_stand_with_their_reason_and_bring_their_figures(desk: Desk) -> None:
    report = await report_of(desk)
    focus = section(report, "focus")
    first, second = focus["items"]
    assert (first["unit_name"], first["title"]) == ("Family Support", "Repeat referrals")
    assert (first["carried_from"], first["named_on"]) == ("September 2026", "2026-10-02")
    assert second["indicators"] == ["adopted_share"]
    assert [one["indicator"] for one in focus["figures"]] == ["rereferrals", "adopted_share"]
    assert focus["headline"] == "2 areas of focus named by 1 Head of Service."
    marked = {one["indicator"]: one["focus_why"] for one in section(report, "key_indicators")["figures"]}
    assert marked["rereferrals"] == "Family Support: Above England two years running."
    assert marked["supervision_in_time"] is None


async def test_why_something_is_in_focus_is_held_back_where_it_tells_a_number(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    copy = section(await desk.document(report["id"], "board_reader"), "focus")
    assert copy["items"][1]["why"] == HELD_BACK


async def test_a_period_without_a_focus_says_so(desk: Desk) -> None:
    desk.neighbours.given["/v1/focus"] = {"lists": [], "indicators": []}
    assert section(await report_of(desk), "focus")["headline"] == (
        "No Head of Service has named an area of focus for this period."
    )


async def test_R54_R86_each_provider_of_concern_stands_with_hard_and_soft_information(desk: Desk) -> None:
    told = section(await report_of(desk, "provider_information_half_termly", "AY2026-27-HT1"), "providers")
    provider, untold = [one for one in told["items"] if one["type"] == "provider"]
    assert (provider["name"], provider["at_risk"], provider["category_label"]) == (
        "Example Hill Primary", True, "Safeguarding",
    )  # fmt: skip
    assert provider["support"] == ["Adviser two days a week"]
    assert provider["judgements"] == ["Safeguarding: not met, 10 September 2026"]
    assert provider["figures"] == ["Absence: 7.4%, academic year 2024-25"]
    assert provider["notes"] == ["Visit, 13 October 2026: Lessons calm."]
    assert untold["lacking"] == ["not reported to members", "a review is missing"]
    reviews = next(one for one in told["items"] if one["type"] == "reviews")
    assert (reviews["expected"]["value"], reviews["held"]["value"], reviews["missing"]["value"]) == (2, 1, 1)
    assert told["headline"] == "2 schools and settings in a register of concern, 1 at risk."


async def test_R54_those_outside_the_council_are_told_of_providers_members_know_of_and_no_soft_information(
    desk: Desk,
) -> None:
    copy = section(await report_of(desk, "schools_causing_concern_half_termly", "AY2026-27-HT1"), "providers")
    provider, *others = [one for one in copy["items"] if one["type"] == "provider"]
    assert others == []
    assert (provider["provider"], provider["notes"], provider["figures"]) == ("example_hill_primary", [], [])
    assert "1 entry not yet reported to members is not named." in copy["caveats"]


async def test_R45_the_workforce_stands_with_its_checks_and_registrations(desk: Desk) -> None:
    told = section(await report_of(desk), "workforce")
    checks = {one["code"]: one["display"] for one in told["items"] if one["type"] == "tally"}
    assert checks == {"required": "120", "valid": "117", "lapsed": "2", "missing": "1", "expiring_90": "9"}
    assert all(one["themed_area"] == "workforce_development" for one in told["figures"])
    assert told["themed_areas"] == ["workforce_development"]


async def test_few_lapsed_checks_hide_their_whole_row_from_those_outside(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    copy = section(await desk.document(report["id"], "board_reader"), "workforce")
    assert {one["display"] for one in copy["items"] if one["type"] == "tally"} == {"c"}


async def test_checks_that_cannot_be_read_are_said_to_be_missing(desk: Desk) -> None:
    desk.neighbours.given["/v1/registrations/summary"] = {"nothing": True}
    told = section(await report_of(desk), "workforce")
    assert told["figures"]
    assert "How many checks and registrations hold could not be read." in told["caveats"]


async def test_figures_restated_since_the_board_saw_them_are_listed_with_the_reason(desk: Desk) -> None:
    desk.neighbours.points[MONTHLY] = [("2026-08", 70.0, None, None), ("2026-09", 71.0, None, None)]
    first = section(await report_of(desk, period="2026-09"), "restatements")
    assert first["headline"] == "This board has not been shown a figure before."
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    desk.neighbours.points[MONTHLY] = [("2026-08", 66.0, None, None), ("2026-09", 71.0, None, None)]
    desk.neighbours.restated = [
        {"indicator": MONTHLY, "period": "2026-08", "breakdown": None, "restated_at": "2026-11-02T09:00:00Z",
         "reason": "Two teams were counted twice."}
    ]  # fmt: skip
    told = section(await report_of(desk), "restatements")
    (item,) = told["items"]
    assert (item["before"], item["after"], item["restated_on"]) == ("70.0%", "66.0%", "2026-11-02")
    assert item["reason"] == "Two teams were counted twice."
    assert item["shown_in"] == "Children's Services Development Group, monthly report, September 2026"
    assert told["headline"] == "1 figure this board has been shown reads otherwise now."


# What fell due stays owed to the boards of its day.
OWED_TO_ANOTHER = """
UPDATE occurrence SET boards = '{leadership_team}', audiences = '{leadership_team}'
WHERE report = 'csdg_monthly' AND period = '2026-09'
"""


OWED_TO_BOTH = """
UPDATE occurrence SET boards = '{csdg,leadership_team}', audiences = '{csdg,leadership_team}'
WHERE report = 'csdg_monthly' AND period = '2026-10'
"""


async def test_a_board_is_told_of_what_it_was_shown_itself_whichever_of_the_audiences_it_is(desk: Desk) -> None:
    desk.neighbours.points[MONTHLY] = [("2026-08", 70.0, None, None)]
    await desk.occurrence("csdg_monthly", "2026-09")
    async with desk.reporting.database.transaction() as session:
        await session.execute(sa.text(OWED_TO_ANOTHER))
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    desk.neighbours.points[MONTHLY] = [("2026-08", 66.0, None, None)]
    assert section(await report_of(desk), "restatements")["items"] == []
    async with desk.reporting.database.transaction() as session:
        await session.execute(sa.text(OWED_TO_BOTH))
    told = section(await report_of(desk), "restatements")
    assert [(one["before"], one["after"]) for one in told["items"]] == [("70.0%", "66.0%")]
    assert told["headline"] == "1 figure that one of these boards has been shown reads otherwise now."


async def test_a_protected_copy_lists_no_restatement_of_a_hidden_figure_and_no_reason_with_a_number(desk: Desk) -> None:
    sections = [
        {**one, "indicators": [*one["indicators"], COUNT]} if one["code"] == "key_indicators" else one
        for one in framework_item("reports", "csdg_monthly")["sections"]
    ]
    await show_to(desk, "csdg_monthly", sections=sections)
    desk.neighbours.points[COUNT] = [("FY2025-26-Q4", 14.0, None, None), ("FY2026-27-Q1", 9.0, None, None)]
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    desk.neighbours.points[COUNT] = [("FY2025-26-Q4", 12.0, None, None), ("FY2026-27-Q1", 3.0, None, None)]
    desk.neighbours.restated = [
        {"indicator": COUNT, "period": "FY2025-26-Q4", "breakdown": None, "restated_at": "2026-11-02T09:00:00Z",
         "reason": "Two were counted twice."}
    ]  # fmt: skip
    report = await desk.publish((await desk.draft())["id"])
    assert len(section(report, "restatements")["items"]) == 2
    (item,) = section(await desk.document(report["id"], "board_reader"), "restatements")["items"]
    assert (item["period"], item["before"], item["after"]) == ("FY2025-26-Q4", "14", "12")
    assert item["reason"] == HELD_BACK
