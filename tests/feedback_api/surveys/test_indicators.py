"""R27: the attitude of staff to audit leaves the feedback service as a figure."""

from __future__ import annotations

from typing import Any

from tests.feedback_api.surveys.conftest import PARENTS, STAFF, many


async def figures(surveying: Any, role: str = "analyst", **query: str) -> dict[str, dict[str, Any]]:
    client = await surveying.feedback.client(role)
    answer = await client.get("/v1/survey-indicators", params={"period": "FY2026-27"} | query)
    assert answer.status_code == 200, answer.text
    return {one["area"]: one for one in answer.json()["items"]}


async def test_R27_a_closed_staff_survey_makes_the_figure_of_the_council_and_of_its_units(surveying: Any) -> None:
    wave = await surveying.plan(STAFF, closes_on="2026-11-23")
    await surveying.answer(
        wave,
        many("fs_weymouth", "practitioner", "audit_helps", {5: 8, 2: 7})
        + many("cwd_east", "practitioner", "audit_helps", {4: 9, 1: 6}),
    )
    assert await figures(surveying) == {}, "it is still open"
    surveying.days_pass(1)
    told = await figures(surveying)
    assert told["E06000059"] == {
        "indicator": "attitude_to_audit", "area": "E06000059", "period": "FY2026-27", "numerator": 17,
        "denominator": 30, "value_status": None, "source_ref": "staff_survey 1, closed 2026-11-23",
    }  # fmt: skip
    assert (told["fs_weymouth"]["numerator"], told["children_who_are_disabled"]["denominator"]) == (8, 15)
    assert await figures(surveying, period="FY2025-26") == {}
    assert await figures(surveying, indicator="something_else") == {}


async def test_R27_a_figure_of_few_staff_is_confidential_for_everybody(surveying: Any) -> None:
    wave = await surveying.plan(STAFF, closes_on="2026-11-23")
    await surveying.answer(wave, many("fs_weymouth", "practitioner", "audit_helps", {5: 4}))
    surveying.days_pass(1)
    for role in ("admin", "reporting_service", "head_of_service"):
        told = await figures(surveying, role)
        assert {(one["numerator"], one["denominator"], one["value_status"]) for one in told.values()} == {
            (None, None, "c")
        }


async def test_only_questions_that_name_an_indicator_are_figures(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS, closes_on="2026-11-23")
    await surveying.answer(wave, many("fs_weymouth", "parent_carer", "knew_the_plan", {5: 40}))
    surveying.days_pass(1)
    assert await figures(surveying) == {}
