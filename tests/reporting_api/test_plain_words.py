"""What a board member reads is whole, plain and without two truths in one place."""

from __future__ import annotations

import re
from typing import Any

from shared.schemas.audit_summary import FindingsOut, VoicesOut
from tests.reporting_api.conftest import Desk, section
from tests.reporting_api.fake_evidence import an_action, an_analysis, an_exception


async def _page(desk: Desk, report: str, role: str = "analyst") -> str:
    answer = await (await desk.client(role)).get(f"/v1/reports/{report}/html")
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def _titles(found: dict[str, Any], group: str) -> list[tuple[str, str]]:
    return [(one["group_label"], one["text"]) for one in found["items"] if one.get("group") == group]


async def test_R28_what_to_improve_stands_beside_the_strengths_and_inadequate_is_named(desk: Desk) -> None:
    desk.neighbours.analysis = an_analysis(
        findings=FindingsOut(strengths=13, areas_for_improvement=2, concerns=1, themes=[]),
        strengths=["Plans name who does what by when", "Parents were heard"],
        areas_for_improvement=["Reviews are late", "Chronologies have gaps"], concerns=["Home not seen"],
    )  # fmt: skip
    found = section(await desk.document((await desk.draft())["id"]), "audit_findings")
    merged = "Strengths (2 different titles of 13)"
    assert _titles(found, "strengths") == [
        (merged, "Plans name who does what by when"), (merged, "Parents were heard"),
    ]  # fmt: skip
    assert _titles(found, "areas_for_improvement") == [
        ("Areas for improvement", "Reviews are late"), ("Areas for improvement", "Chronologies have gaps"),
    ]  # fmt: skip
    assert _titles(found, "concerns") == [("Concerns", "Home not seen")]
    assert found["headline"].endswith("2 areas for improvement and 1 concern; 1 domain grade Inadequate.")


async def test_actions_say_as_of_which_day_they_stand_and_count_what_they_list(desk: Desk) -> None:
    desk.neighbours.actions = [an_action(), {**an_action(), "raised_on": "2026-11-02", "title": "Raised later"}]
    report = await desk.draft()
    found = section(await desk.document(report["id"]), "actions")
    assert found["headline"] == (
        "As of 22 November 2026: of the actions raised by 31 October 2026, 6 open, 1 of them overdue;"
        " 3 closed since 1 October 2026."
    )
    assert [(one["title"], one["unit_name"]) for one in found["items"] if one["type"] == "action"] == [
        ("Hold reviews within their time limits", "Family Support, Weymouth")
    ]
    page = await _page(desk, report["id"])
    assert "Family Support, Weymouth" in page
    assert "fs_weymouth" not in page


async def test_every_indicator_is_in_the_headline_s_count(desk: Desk) -> None:
    desk.neighbours.points["looked_after_rate"] = [("RY2024", 66.0, None, None), ("RY2025", 65.0, None, None)]
    desk.neighbours.points["supervision_in_time"] = []
    found = section(await desk.document((await desk.draft())["id"]), "key_indicators")
    head, _, rest = found["headline"].partition(": ")
    assert head == "17 indicators, each against its figure before"
    counts = [int(one) for one in re.findall(r"(\d+) (?:improving|worsening|unchanged|rising|falling|not known)", rest)]
    assert sum(counts) == 17
    assert "1 falling (not judged)" in rest
    assert "1 not known" in rest


async def test_a_figure_from_long_ago_says_that_it_is_the_latest_published(desk: Desk) -> None:
    desk.neighbours.points["referrals_monthly"] = [("2022-03", 288.0, None, None)]
    report = await desk.document((await desk.draft())["id"])
    figures = {one["indicator"]: one for one in section(report, "key_indicators")["figures"]}
    old = figures["referrals_monthly"]
    assert old["caveats"][0] == "Latest published: March 2022."
    assert "288 in March 2022 (the latest published)" in old["sentence"]
    assert not any("Latest published" in text for text in figures["looked_after_rate"]["caveats"])
    assert "Latest published: March 2022." in await _page(desk, report["id"])


async def test_a_tolerance_of_a_percentage_is_in_points(desk: Desk) -> None:
    desk.neighbours.points["assessments_in_45_days"] = [("RY2025", 60.5, 605.0, 1000.0)]
    report = await desk.document((await desk.draft())["id"])
    figure = next(
        one for one in section(report, "key_indicators")["figures"] if one["indicator"] == "assessments_in_45_days"
    )
    assert figure["target_display"] == "61.0%, within 2.0 points"
    assert figure["sentence"].endswith("the target of 61.0% is missed, within its tolerance of 2.0 points.")


async def test_views_outcomes_and_stages_are_named_in_words(desk: Desk) -> None:
    voices = [VoicesOut(view_of="icrs", heard=13, not_heard=0, reasons={})]
    desk.neighbours.analysis = an_analysis(voices=voices)
    report = await desk.document((await desk.draft())["id"])
    labels = [one["label"] for one in section(report, "audit_findings")["summary"]]
    assert "View heard: Independent Conference and Reviewing Service" in labels
    rows = section(report, "complaints")["items"]
    assert [one["title"] for one in rows] == ["Statutory procedure: Local resolution", "Upheld", "Not upheld"]


async def test_the_way_a_figure_goes_says_since_when_and_a_trend_over_what(desk: Desk) -> None:
    desk.neighbours.points["rereferrals"] = [("RY2024", 14.0, None, None), ("RY2025", 14.7, None, None)]
    desk.neighbours.labels["rereferrals"] = "special_cause_improvement"
    desk.neighbours.exceptions = [an_exception(trigger="SIGNIFICANT_CHANGE", rule="five_year_trend")]
    draft = await desk.draft()
    assert section(await desk.document(draft["id"]), "exceptions")["items"][0]["trigger_label"] == (
        "significant change over five years"
    )
    page = await _page(desk, draft["id"])
    rows = [one for one in page.split("<tr>") if "significantly better than usual" in one]
    assert any('worsening<span class="below">since the year to 31 March 2024</span>' in row for row in rows)


async def test_on_a_telephone_each_row_of_the_exceptions_is_stacked_with_its_headings(desk: Desk) -> None:
    page = await _page(desk, (await desk.draft())["id"])
    assert "@media screen and (max-width: 45rem)" in page
    table = page[page.index('<table class="full stack"> <caption>Figures that changed') :]
    row = table[table.index("<tbody>") : table.index("</tr> </tbody>")]
    assert row.count("<td") == row.count("data-label=") == 3


async def test_the_page_of_a_protected_report_says_at_its_head_that_numbers_are_hidden(desk: Desk) -> None:
    report = await desk.document((await desk.draft("dscb_compliance_quarterly", "FY2026-27-Q2"))["id"])
    assert report["disclosure"] == "protected"
    page = await _page(desk, report["id"])
    assert page.count(report["caveats"][0]) == 1
    assert page.index(report["caveats"][0]) < page.index("In short")
