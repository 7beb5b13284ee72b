"""How a total is made up: real grades of schools come back to the digit, and small numbers do not come out of sums."""

from __future__ import annotations

import math
from typing import Any

import pytest

from services.indicator_api.distribution.schemas import DistributionOut
from tests.conftest import ROOT, Running
from tests.indicator_api.observations.files import send
from tests.indicator_api.published import DORSET, item, load

GRADES = ("outstanding", "good", "requires_improvement_to_be_good", "inadequate")
SOURCES = (
    "parent_carer", "young_person", "school", "early_years_setting", "further_education", "health", "social_care",
    "other",
)  # fmt: skip


async def distribution(indicator: Running, code: str, role: str = "analyst", **query: Any) -> Any:
    answer = await (await indicator.client(role)).get(f"/v1/indicators/{code}/distribution", params=query)
    assert answer.status_code == 200, answer.text
    DistributionOut.model_validate_json(answer.content)
    return answer.json()


async def example(indicator: Running, name: str) -> None:
    content = (ROOT / "examples" / "figures" / f"{name}.csv").read_bytes()
    assert (await send(await indicator.client("ingest_client"), content)).status_code == 200


async def test_R53_the_schools_of_a_quarter_are_distributed_over_the_grades_of_one_framework(
    indicator: Running,
) -> None:
    await example(indicator, "schools_by_grade")
    found = await distribution(indicator, "schools_by_grade")
    assert found["dimension"]["code"] == "ofsted_grade"
    assert "September 2024" in found["dimension"]["framework"]
    (period,) = found["areas"][0]["periods"]
    assert period["period"] == "FY2023-24-Q4"
    assert [(one["code"], one["value"]) for one in period["parts"]] == list(zip(GRADES, (6, 112, 17, 0), strict=True))
    assert (period["total"]["value"], period["total"]["summed"], period["complete"]) == (135, False, True)
    assert sum(one["share"] for one in period["parts"]) == pytest.approx(100)
    assert period["parts"][0]["share"] + period["parts"][1]["share"] == pytest.approx(87.4, abs=0.05)


async def test_R53_every_area_with_grades_has_shares_that_add_up_to_a_hundred(indicator: Running) -> None:
    await example(indicator, "schools_by_grade")
    content = (ROOT / "examples" / "figures" / "schools_by_grade.csv").read_text(encoding="utf-8")
    areas = sorted({line.split(",")[1] for line in content.splitlines()[1:]})
    found = await distribution(indicator, "schools_by_grade", role="practitioner", area=",".join(areas))
    assert len(found["areas"]) == len(areas) > 10
    for area in found["areas"]:
        for period in area["periods"]:
            assert math.fsum(one["share"] for one in period["parts"]) == pytest.approx(100)


async def test_R53_quarters_follow_each_other_and_a_grade_nobody_sent_is_not_nought(indicator: Running) -> None:
    figures = [
        item("schools_by_grade", DORSET, period, value, breakdown=f"ofsted_grade={grade}")
        for period, values in (("FY2023-24-Q3", (5, 110, 19, 1)), ("FY2023-24-Q4", (6, 112, 17)))
        for grade, value in zip(GRADES, values, strict=False)
    ]
    await load(await indicator.client("ingest_client"), figures)
    found = await distribution(indicator, "schools_by_grade", **{"from": "FY2023-24-Q1"})
    before, after = found["areas"][0]["periods"]
    assert (before["total"]["value"], before["total"]["summed"], before["complete"]) == (135, True, True)
    assert (after["total"]["value"], after["complete"], after["unaccounted"]) == (None, False, None)
    missing = after["parts"][-1]
    assert (missing["value"], missing["value_status"], missing["display"], missing["share"]) == (None, "x", "x", None)
    only = await distribution(indicator, "schools_by_grade", **{"from": "FY2023-24-Q4"})
    assert [one["period"] for one in only["areas"][0]["periods"]] == ["FY2023-24-Q4"]


def requests(unit: str, counts: dict[str, int], total: int | None = None) -> list[dict[str, Any]]:
    period = "FY2026-27-Q1"
    figures = [
        item("sen_requests_quarterly", unit, period, counts.get(source, 0), breakdown=f"request_source={source}")
        for source in SOURCES
    ]
    return figures if total is None else [*figures, item("sen_requests_quarterly", unit, period, total)]


async def test_R51_the_requests_of_a_quarter_are_told_by_who_asked(indicator: Running) -> None:
    counts = {"parent_carer": 31, "school": 60, "health": 9}
    await load(await indicator.client("ingest_client"), requests("sen_team", counts, 104))
    found = await distribution(indicator, "sen_requests_quarterly", area="sen_team")
    (period,) = found["areas"][0]["periods"]
    assert {one["code"]: one["value"] for one in period["parts"] if one["value"]} == counts
    # Four requests have no source: said, and not spread over the others.
    assert (period["total"]["value"], period["unaccounted"], period["complete"]) == (104, 4, False)
    assert period["parts"][2]["share"] == pytest.approx(60 / 104 * 100)


async def test_R51_a_small_number_does_not_come_out_of_the_total_and_the_other_sources(indicator: Running) -> None:
    counts = {"parent_carer": 31, "school": 60, "health": 3}
    await load(await indicator.client("ingest_client"), requests("sen_team", counts, 94))
    seen = (await distribution(indicator, "sen_requests_quarterly", area="sen_team"))["areas"][0]["periods"][0]
    assert seen["parts"][5]["value"] == 3
    found = await distribution(indicator, "sen_requests_quarterly", role="practitioner", area="sen_team")
    (period,) = found["areas"][0]["periods"]
    hidden = [one["code"] for one in period["parts"] if one["value_status"] == "c"]
    assert hidden == ["parent_carer", "health"]
    assert all(one["value"] is None and one["share"] is None for one in period["parts"] if one["code"] in hidden)
    assert (period["total"]["value"], period["unaccounted"], period["complete"]) == (94, None, False)


async def test_a_unit_without_figures_of_its_own_is_the_sum_of_those_below(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    await load(client, requests("hearing_support", {"school": 20}, 20) + requests("vision_support", {"school": 12}, 12))
    found = await distribution(indicator, "sen_requests_quarterly", area="specialist_teaching")
    (period,) = found["areas"][0]["periods"]
    assert (period["parts"][2]["value"], period["total"]["value"], period["complete"]) == (32, 32, True)


@pytest.mark.parametrize(
    ("code", "query", "fault"),
    [
        ("looked_after_rate", {}, ("/query/dimension", "measure")),
        ("schools_by_grade", {"dimension": "phase"}, ("/query/dimension", "dimension")),
        ("looked_after", {}, ("/query/dimension", "dimension")),
        ("schools_by_grade", {"breakdown": "ofsted_grade=good"}, ("/query/breakdown", "same_dimension")),
    ],
)
async def test_what_does_not_add_up_has_no_distribution(
    indicator: Running, code: str, query: dict[str, str], fault: tuple[str, str]
) -> None:
    client = await indicator.client("analyst")
    answer = await client.get(f"/v1/indicators/{code}/distribution", params=query)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [fault]


async def test_there_is_no_distribution_of_what_is_not_there_or_not_the_callers(indicator: Running) -> None:
    client = await indicator.client("practitioner", "fs_weymouth")
    assert (await client.get("/v1/indicators/nothing/distribution")).status_code == 404
    answer = await client.get("/v1/indicators/complaints_received/distribution?area=fs_portland")
    assert answer.status_code == 404


async def test_R53_report_cards_are_distributed_within_one_evaluation_area(indicator: Running) -> None:
    grades = ("exceptional", "strong_standard", "expected_standard", "needs_attention", "urgent_improvement")
    figures = [
        item(
            "schools_by_report_card", DORSET, "FY2025-26-Q4", value,
            breakdown=f"report_card_grade={grade};evaluation_area={area}",
        )
        for area, values in (("inclusion", (1, 4, 9, 2, 0)), ("achievement", (0, 3, 8, 4, 1)))
        for grade, value in zip(grades, values, strict=True)
    ]  # fmt: skip
    await load(await indicator.client("ingest_client"), figures)
    found = await distribution(indicator, "schools_by_report_card", breakdown="evaluation_area=inclusion")
    assert found["dimension"]["framework"] == "Report cards, from November 2025"
    (period,) = found["areas"][0]["periods"]
    assert [one["value"] for one in period["parts"]] == [1, 4, 9, 2, 0]
    assert (period["total"]["value"], period["total"]["summed"]) == (16, True)
    assert (await distribution(indicator, "schools_by_report_card"))["areas"][0]["periods"] == []
