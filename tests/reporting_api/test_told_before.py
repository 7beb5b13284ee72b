"""Protected copies of real reports, held against every count that was told before."""

from __future__ import annotations

import json
from typing import Any

from services.reporting_api.telling import QUARTERS_ONLY, WITHHELD
from shared.schemas.feedback_summary import Tally
from tests.reporting_api.conftest import CLOSING, Desk, section, slug
from tests.reporting_api.fake_evidence import a_summary, an_exception
from tests.reporting_api.fake_voices import a_survey_figure
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.test_board_figures import COUNT, QUARTER, of, show_complaints
from tests.reporting_api.test_published import recomputed


def groups(document: dict[str, Any]) -> dict[str, float | None]:
    found = section(document, "feedback")["items"]
    return {one["code"]: one["value"] for one in found if one.get("group") == "respondent_groups"}


def heard(parents: int, children: int, staff: int) -> list[Tally]:
    return [
        Tally(code="parents", title="Parents and carers", count=parents),
        Tally(code="children", title="Children and young people", count=children),
        Tally(code="staff", title="Staff", count=staff),
    ]


async def tell(desk: Desk, counts: tuple[int, int, int]) -> None:
    desk.neighbours.summary = a_summary(views=sum(counts), respondent_groups=heard(*counts))


async def go_outside(desk: Desk) -> None:
    """The report goes to a board outside the council as well: it is protected itself."""
    item = framework_item("reports", "csdg_monthly")
    await apply_change(await desk.client("admin"), "reports", {**item, "audiences": ["csdg", "csoc"]})


async def correct(desk: Desk, report: str) -> str:
    newer = await desk.step(report, "supersessions", {"reason": "A view was counted under another group."})
    assert newer.status_code == 201, newer.text
    assert (await desk.assemble()).status_code == 201
    found: str = newer.json()["id"]
    return found


async def test_a_correction_does_not_tell_a_protected_board_what_the_first_edition_hid(desk: Desk) -> None:
    await go_outside(desk)
    await tell(desk, (18, 13, 3))
    first = await desk.publish((await desk.draft())["id"])
    assert groups(first) == {"parents": 18, "children": None, "staff": None}
    await tell(desk, (18, 13, 0))
    second = await desk.publish(await correct(desk, first["id"]))
    # 13 is what it was: shown now, it would tell that 3 were hidden then.
    assert groups(second) == {"parents": 18, "children": None, "staff": None}
    told = section(second, "feedback")
    assert WITHHELD in told["caveats"]
    assert "31 views" not in json.dumps([told["headline"], *second["headlines"]])
    assert second["content_hash"] == recomputed(second)


async def test_a_correction_that_hides_the_same_is_told_as_it_is(desk: Desk) -> None:
    await go_outside(desk)
    await tell(desk, (18, 13, 3))
    first = await desk.publish((await desk.draft())["id"])
    await tell(desk, (19, 13, 3))
    second = await desk.publish(await correct(desk, first["id"]))
    assert groups(second) == {"parents": 19, "children": None, "staff": None}
    assert WITHHELD not in section(second, "feedback")["caveats"]


async def test_the_copy_of_an_internal_report_counts_people_by_whole_quarters_and_leaves_the_quarter_to_be_told(
    desk: Desk,
) -> None:
    await tell(desk, (18, 13, 3))
    report = await desk.publish((await desk.draft(period="2026-10"))["id"])
    assert groups(report) == {"parents": 18, "children": 13, "staff": 3}
    copy = await desk.document(report["id"], "board_reader")
    assert groups(copy) == {"parents": None, "children": None, "staff": None}
    assert QUARTERS_ONLY in section(copy, "feedback")["caveats"]
    assert copy["content_hash"] == recomputed(copy)
    state = (await (await desk.client("board_reader")).get(f"/v1/reports/{report['id']}/state")).json()
    assert state["content_hash"] == copy["content_hash"]
    item = framework_item("reports", "csdg_monthly")
    quarterly = {**item, "code": "outside", "audiences": ["csoc"], "cadence": "quarterly"}
    await apply_change(await desk.client("admin"), "reports", {**quarterly, "period_kind": "financial_quarter"})
    desk.materialised = False
    await tell(desk, (50, 40, 4))
    # What its own board is told of the quarter is hidden as this table alone asks for.
    outside = await desk.document((await desk.draft("outside", "FY2026-27-Q2"))["id"])
    assert groups(outside) == {"parents": 50, "children": None, "staff": None}


async def test_a_draft_that_was_signed_before_another_report_told_its_numbers_is_not_published_as_it_stands(
    desk: Desk,
) -> None:
    await go_outside(desk)
    item = framework_item("reports", "csdg_monthly")
    await apply_change(await desk.client("admin"), "reports", {**item, "code": "csdg_again", "audiences": ["csoc"]})
    await tell(desk, (18, 13, 0))
    waiting = await desk.draft()
    await desk.step(waiting["id"], "edit", CLOSING)
    await desk.step(waiting["id"], "submissions")
    assert (await desk.sign(waiting["id"], "head_of_service")).status_code == 200
    await tell(desk, (18, 13, 3))
    await desk.publish((await desk.draft("csdg_again"))["id"])
    refused = await desk.step(waiting["id"], "publications")
    assert (refused.status_code, slug(refused)) == (409, "told-meanwhile")
    await desk.step(waiting["id"], "reopenings", {"reason": "Another report told numbers beside these."})
    assert (await desk.assemble()).status_code == 201
    report = await desk.publish(waiting["id"])
    assert groups(report) == {"parents": 18, "children": None, "staff": None}


def of_teams(document: dict[str, Any]) -> dict[str, str]:
    return {one["unit"]: one["display"] for one in of(document, COUNT)["units"]}


def tell_teams(desk: Desk, weymouth: float, portland: float = 12.0, chesil: float = 15.0) -> None:
    counts = {"fs_weymouth": weymouth, "fs_portland": portland, "fs_chesil": chesil}
    desk.neighbours.points[COUNT] = [(QUARTER, sum(counts.values()), None, None)]
    for team, count in counts.items():
        desk.neighbours.points[f"{COUNT}/{team}"] = [(QUARTER, count, None, None)]


async def test_teams_that_were_hidden_once_do_not_come_back_to_tell_what_was_hidden(desk: Desk) -> None:
    await show_complaints(desk)
    tell_teams(desk, 3.0)
    first = await desk.publish((await desk.draft())["id"])
    assert set(of_teams(await desk.document(first["id"], "board_reader")).values()) == {"c"}
    tell_teams(desk, 0.0)
    second = await desk.publish(await correct(desk, first["id"]))
    assert of_teams(second) == {"fs_weymouth": "0", "fs_portland": "12", "fs_chesil": "15"}
    copy = await desk.document(second["id"], "board_reader")
    # The sum was 30 and 12 and 15 are what they were: shown now, they would tell that 3 were hidden then.
    assert set(of_teams(copy).values()) == {"c"}
    assert WITHHELD in section(copy, "key_indicators")["caveats"]
    assert copy["content_hash"] == recomputed(copy)


async def test_a_restated_total_that_is_near_what_was_told_is_hidden_in_the_copy_as_in_the_indicator_service(
    desk: Desk,
) -> None:
    await show_complaints(desk)
    tell_teams(desk, 13.0)
    first = await desk.publish((await desk.draft())["id"])
    assert of(await desk.document(first["id"], "board_reader"), COUNT)["display"] == "40"
    tell_teams(desk, 15.0)
    # It has shown 40 and now holds 42: the two between them are shown nobody.
    desk.neighbours.hidden = [(COUNT, "E06000059", QUARTER), (COUNT, "fs_weymouth", QUARTER)]
    desk.neighbours.exceptions = [an_exception().model_copy(update={"indicator": COUNT, "period": QUARTER})]
    second = await desk.publish(await correct(desk, first["id"]))
    assert of(second, COUNT)["display"] == "42"
    copy = await desk.document(second["id"], "board_reader")
    figure = of(copy, COUNT)
    assert (figure["value"], figure["display"], figure["changed_since_last_report"]) == (None, "c", None)
    assert figure["trend"][-1]["value"] is None
    assert set(of_teams(copy).values()) == {"c"}
    (raised,) = [one for one in section(copy, "exceptions")["items"] if one["type"] == "exception"]
    assert raised["display"] == "c"
    assert "42" not in json.dumps([copy["headlines"], figure, raised["sentence"]])


async def test_teams_of_which_nothing_was_hidden_are_told_again(desk: Desk) -> None:
    await show_complaints(desk)
    tell_teams(desk, 13.0)
    first = await desk.publish((await desk.draft())["id"])
    tell_teams(desk, 14.0)
    second = await desk.publish(await correct(desk, first["id"]))
    copy = await desk.document(second["id"], "board_reader")
    assert of_teams(copy) == {"fs_weymouth": "14", "fs_portland": "12", "fs_chesil": "15"}


async def test_the_ways_staff_spoke_are_told_no_further_than_the_channels_they_are_of(desk: Desk) -> None:
    item = framework_item("reports", "csdg_monthly")
    sections = [*item["sections"], {"code": "staff", "title": "What staff told us", "kind": "workforce_voice"}]
    await apply_change(await desk.client("admin"), "reports", {**item, "sections": sections})
    desk.neighbours.summary = a_summary(
        channels=[
            Tally(code="exit_interviews", title="Exit interviews", count=40, family="staff"),
            Tally(code="postal", title="By post", count=30, family="children_and_families"),
        ],
        views=70,
    )
    report = await desk.publish((await desk.draft(period="2026-10"))["id"])
    copy = await desk.document(report["id"], "board_reader")
    ways = [one for one in section(copy, "staff")["items"] if one.get("group") == "staff_channels"]
    assert [(one["code"], one["value"]) for one in ways] == [("exit_interviews", None)]


async def test_what_a_survey_hid_once_stays_hidden_in_later_editions(desk: Desk) -> None:
    item = framework_item("reports", "csdg_monthly")
    sections = [*item["sections"], {"code": "surveys", "title": "Surveys", "kind": "surveys"}]
    await apply_change(await desk.client("admin"), "reports", {**item, "sections": sections})

    def shown(document: dict[str, Any]) -> list[str]:
        rows = [one for one in section(document, "surveys")["items"] if one["type"] == "survey_result"]
        return [one["percent"]["display"] for one in rows]

    told = a_survey_figure(numerator=30, denominator=40)
    desk.neighbours.voices.survey_figures = [told]
    first = await desk.publish((await desk.draft())["id"])
    assert shown(await desk.document(first["id"], "board_reader")) == ["75.0"]
    desk.neighbours.voices.survey_figures = [told.model_copy(update={"numerator": 38})]
    second = await desk.publish(await correct(desk, first["id"]))
    assert shown(await desk.document(second["id"], "board_reader")) == ["c"]
    desk.neighbours.voices.survey_figures = [told]
    third = await desk.publish(await correct(desk, second["id"]))
    assert shown(await desk.document(third["id"], "board_reader")) == ["c"]


async def test_teams_hidden_a_period_ago_do_not_come_back_beside_this_period_s(desk: Desk) -> None:
    await show_complaints(desk)
    before = "FY2025-26-Q4"
    desk.neighbours.points[COUNT] = [(before, 30.0, None, None)]
    for team, count in (("fs_weymouth", 3.0), ("fs_portland", 12.0), ("fs_chesil", 15.0)):
        desk.neighbours.points[f"{COUNT}/{team}"] = [(before, count, None, None)]
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    tell_teams(desk, 13.0)
    for team in ("fs_weymouth", "fs_portland", "fs_chesil"):
        desk.neighbours.points[f"{COUNT}/{team}"].insert(0, (before, 14.0, None, None))
    report = await desk.publish((await desk.draft())["id"])
    assert {one["before_display"] for one in of(report, COUNT)["units"]} == {"14"}
    copy = await desk.document(report["id"], "board_reader")
    assert of_teams(copy) == {"fs_weymouth": "13", "fs_portland": "12", "fs_chesil": "15"}
    assert {(one["before_display"], one["direction_of_travel"]) for one in of(copy, COUNT)["units"]} == {
        ("c", "unknown")
    }
