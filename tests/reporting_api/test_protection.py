"""Small numbers: a board outside the council never sees them, and neither does a reader without the right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.reporting_api.assembly.evidence import IndicatorDisclosure
from services.reporting_api.assembly.protection import protect_series, shown_lists
from shared.schemas.feedback_summary import ComplaintsOut, Tally
from shared.schemas.figures import Measure, Polarity, SpcLabel
from shared.schemas.framework.indicators import Indicator
from shared.schemas.series import AreaSeries, MarkedSeries, SeriesPoint
from tests.reporting_api.conftest import CLOSING, Desk, section
from tests.reporting_api.fake_evidence import a_summary, an_exception
from tests.reporting_api.framework_changes import apply_change, dorset_framework, framework_item

PEOPLE = IndicatorDisclosure(people=True)


def a_series(*rows: tuple[float, float, float]) -> MarkedSeries:
    points = [
        SeriesPoint.model_validate(
            {"value": value, "value_status": None, "period": f"2026-{place:02d}", "display": f"{value:.1f}",
             "numerator": numerator, "denominator": denominator, "label": SpcLabel.special_cause_concern}
        )
        for place, (value, numerator, denominator) in enumerate(rows, start=1)
    ]  # fmt: skip
    return MarkedSeries.model_validate(
        {
            "indicator": "anything", "version": 1, "title": "Anything", "unit": "%", "measure": Measure.percentage,
            "polarity": Polarity.low_is_good, "decimal_places": 1, "series_kind": "point",
            "areas": [AreaSeries(area="E06000059", name="Dorset", breakdown=None, points=points)],
            "as_at": "2026-11-22T18:00:00Z",
        }
    )  # fmt: skip


def values(series: MarkedSeries) -> list[Any]:
    return [point.value for point in series.areas[0].points]


def test_a_small_count_and_a_small_rest_are_hidden_with_everything_computed_from_them() -> None:
    found = protect_series(a_series((10.0, 10, 100), (4.0, 4, 100), (96.0, 96, 100), (0.0, 0, 100)), PEOPLE, 5)
    assert [None if value is None else float(value) for value in values(found)] == [10.0, None, None, 0.0]
    hidden = found.areas[0].points[1]
    assert (hidden.value_status, hidden.numerator, hidden.denominator, hidden.display) == ("c", None, None, "c")
    assert all(point.label is None for point in found.areas[0].points)


def test_a_ratio_whose_counts_are_not_told_is_hidden_in_doubt() -> None:
    series = a_series((10.0, 10, 100))
    bare = series.areas[0].points[0].model_copy(update={"numerator": None, "denominator": None})
    series.areas[0].points[0] = bare
    assert values(protect_series(series, PEOPLE, 5)) == [None]


def test_what_an_official_body_has_published_and_what_is_not_about_people_stays() -> None:
    series = a_series((4.0, 4, 100))
    assert values(protect_series(series, IndicatorDisclosure(people=True, published_by="DfE"), 5)) == values(series)
    assert values(protect_series(series, IndicatorDisclosure(people=False), 5)) == values(series)


def test_beside_a_small_part_of_a_total_another_part_is_hidden() -> None:
    total, lists = shown_lists((34, None), {"groups": [(18, None), (13, None), (3, None)]}, True, 5)
    assert [one.display for one in lists["groups"]] == ["18", "c", "c"]
    assert total.display == "34"


def test_a_total_that_one_breakdown_gives_away_is_hidden_in_all() -> None:
    total, lists = shown_lists((3, None), {"one": [(3, None), (0, None)], "other": [(2, None), (1, None)]}, True, 5)
    assert total.display == "c"
    assert [one.display for one in lists["other"]] == ["c", "c"]


async def test_a_board_outside_the_council_gets_protected_figures_from_the_draft_on(desk: Desk) -> None:
    admin = await desk.client("admin")
    item = framework_item("reports", "csdg_monthly")
    await apply_change(admin, "reports", {**item, "audiences": ["csdg", "csoc"]})
    desk.neighbours.points["supervision_in_time"] = [("2026-10", 3.0, 3.0, 100.0)]
    draft = await desk.draft()
    report = await desk.document(draft["id"])
    assert report["disclosure"] == "protected"
    groups = [one for one in section(report, "feedback")["items"] if one.get("group") == "respondent_groups"]
    assert [one["display"] for one in groups] == ["18", "c", "c"]
    stage = next(one for one in section(report, "complaints")["items"] if one["type"] == "stage")
    assert (stage["open"]["value"], stage["open"]["value_status"]) == (None, "c")
    assert "Small numbers are hidden" in report["caveats"][0]
    assert (await desk.publish(draft["id"]))["disclosure"] == "protected"


async def test_the_council_s_own_board_sees_true_figures_and_a_reader_without_the_right_a_protected_copy(
    desk: Desk,
) -> None:
    draft = await desk.draft()
    report = await desk.publish(draft["id"])
    assert report["disclosure"] == "full"
    tallies = [one for one in section(report, "feedback")["items"] if one.get("code") == "staff"]
    assert tallies[0]["value"] == 3.0
    reader = await desk.client("board_reader")
    answer = await reader.get(f"/v1/reports/{draft['id']}")
    copy = answer.json()
    assert copy["disclosure"] == "protected"
    assert copy["protected_copy_of"] == (await desk.state(draft["id"]))["copy_mark"]
    assert report["content_hash"] not in answer.text
    assert answer.headers["etag"] == f'"{copy["content_hash"]}"'
    hidden = [one for one in section(copy, "feedback")["items"] if one.get("code") == "staff"]
    assert (hidden[0]["value"], hidden[0]["value_status"]) == (None, "c")
    assert copy["doing_the_right_things"] == CLOSING["doing_the_right_things"]
    page = await reader.get(f"/v1/reports/{draft['id']}/html")
    assert "Small numbers are hidden" in page.text


def of_people_and_unpublished() -> str:
    """An indicator of the framework whose small numbers nobody has published."""
    return next(
        code
        for code, one in dorset_framework().items["indicators"].items()
        if isinstance(one, Indicator) and one.disclosure.people and not one.disclosure.published_by
    )


async def test_no_sentence_of_a_protected_copy_repeats_a_hidden_number(desk: Desk) -> None:
    desk.neighbours.summary = a_summary(views=4)
    desk.neighbours.exceptions = [
        an_exception(
            indicator=of_people_and_unpublished(), key="one", sentence="Only 41 of 4321, outside 44 to 66.",
            figure={"value": 3, "value_status": None}, display="3", limits={"mean": 55, "lpl": 44, "upl": 66},
            numerator=3, denominator=100, first_raised_period="RY2024", unanswered_days=40,
        )
    ]  # fmt: skip
    draft = await desk.draft()
    await desk.publish(draft["id"])
    copy = (await (await desk.client("board_reader")).get(f"/v1/reports/{draft['id']}")).json()
    assert section(copy, "feedback")["headline"].startswith("What was counted is told in part")
    row = section(copy, "exceptions")["items"][0]
    # A hash of the true inputs tells the one small number to whoever knows the rest.
    assert row["inputs_hash"] != "ab" * 32
    assert (row["display"], row["new"]) == ("c", True)
    # It would tell that a figure raised the exception which may be hidden.
    assert (row["first_raised"], row["unanswered_days"]) == (None, None)
    assert (
        row["sentence"] == "Children looked after per 10,000: hidden in the year to 31 March 2025 because it is small."
    )
    assert "4321" not in json.dumps(copy)


@pytest.mark.parametrize(("failing", "display"), [(None, "c"), ("series", "c"), ("nothing", "30")])
async def test_a_copy_tells_no_exception_by_a_figure_that_covers_another_though_no_section_shows_its_series(
    desk: Desk, failing: str | None, display: str
) -> None:
    code = of_people_and_unpublished()
    item = framework_item("reports", "csdg_monthly")
    sections = [one for one in item["sections"] if one["kind"] in ("exceptions", "feedback", "narrative")]
    await apply_change(await desk.client("admin"), "reports", {**item, "sections": sections, "gates": []})
    figure = {"figure": {"value": 30, "value_status": None}, "display": "30", "numerator": 30, "denominator": 300}
    desk.neighbours.exceptions = [an_exception(indicator=code, key="one", **figure)]
    if failing is None:
        desk.neighbours.hidden = [(code, "E06000059", "RY2025")]
    else:
        desk.neighbours.failing.add(failing)
    report = await desk.publish((await desk.draft())["id"])
    assert section(report, "exceptions")["items"][0]["display"] == "30"
    copy = await desk.document(report["id"], "board_reader")
    assert section(copy, "exceptions")["items"][0]["display"] == display


async def test_the_signed_hash_is_that_of_the_board_s_own_content(desk: Desk) -> None:
    draft = await desk.draft()
    await desk.step(draft["id"], "edit", CLOSING)
    await desk.step(draft["id"], "submissions")
    signer = await desk.client("head_of_service")
    document = (await signer.get(f"/v1/reports/{draft['id']}")).json()
    assert document["content_hash"] == (await desk.state(draft["id"]))["content_hash"]


async def test_complaints_are_told_by_where_they_stand_and_nothing_beside_gives_a_few_away(desk: Desk) -> None:
    outcomes = {"upheld": 9, "partially_upheld": 0, "not_upheld": 12, "withdrawn": 0}
    stage = a_summary().complaints.stages[0].model_copy(update={"open": 8, "closed": 16})
    told = ComplaintsOut(
        received=24, refused=0, open=3, open_earlier=10, overdue=13, stages=[stage], outcomes=outcomes,
        learning_missing=9,
    )  # fmt: skip
    themes = [Tally(code="planning", title="Plans", count=32), Tally(code="neglect", title="Neglect", count=20)]
    desk.neighbours.summary = a_summary(complaints=told, themes=themes)
    item = framework_item("reports", "csdg_monthly")
    await apply_change(await desk.client("admin"), "reports", {**item, "audiences": ["csdg", "csoc"]})
    report = await desk.document((await desk.draft())["id"])
    assert report["disclosure"] == "protected"
    found = section(report, "complaints")
    lines = {one["code"]: one["value"] for one in found["summary"]}
    shown = {one["code"]: one["value"] for one in found["items"] if one.get("group") == "outcomes"}
    # With 24, 9 and 12 the 3 that are open would be known.
    assert (lines["received"], lines["open"], shown["upheld"], shown["not_upheld"]) == (24, None, None, 12)
    assert {lines[name] for name in ("open_earlier", "overdue", "learning_missing")} == {None}
    (at,) = [one for one in found["items"] if one["type"] == "stage"]
    assert {at[name]["value"] for name in ("open", "closed", "within_statutory", "past_statutory")} == {None}
    # Two of 34 views did not name the first theme.
    items = section(report, "feedback")["items"]
    assert [one["value"] for one in items if one.get("group") == "themes"] == [None, 20]
