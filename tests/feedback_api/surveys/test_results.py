"""Results: response rates, distributions, and change since the wave before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feedback_api.surveys.conftest import PARENTS, many

UNITS = [
    {"unit": "fs_weymouth", "respondent_group": "parent_carer", "number": 80},
    {"unit": "fs_bridport", "respondent_group": "parent_carer", "number": 40},
]


def of(results: dict[str, Any], question: str, item: str | None = None) -> dict[str, Any]:
    (found,) = [one for one in results["questions"] if (one["question"], one["item"]) == (question, item)]
    return dict(found)


def counts(question: dict[str, Any]) -> dict[str, int | None]:
    return {one["value"]: one["count"] for one in question["answers"]}


async def test_the_response_rate_is_told_by_group_and_unit_with_wilson_s_interval(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS, populations=UNITS)
    answers = many("fs_weymouth", "parent_carer", "knew_the_plan", {4: 30}) + many(
        "fs_bridport", "parent_carer", "knew_the_plan", {2: 10}
    )
    await surveying.answer(wave, answers)
    results = await surveying.results(wave)
    assert (results["responses"], results["population"]) == (40, 120)
    assert results["rate"]["estimate"] == {"value": 33.3, "lower": 25.5, "upper": 42.2}
    assert [(one["code"], one["responses"]) for one in results["by_group"]] == [("parent_carer", 40)]
    rates = {one["code"]: one["rate"]["estimate"]["value"] for one in results["by_unit"]}
    assert rates == {"fs_bridport": 25.0, "fs_weymouth": 37.5}


async def test_each_kind_of_question_is_counted_in_its_own_way(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    items = [
        {"respondent_group": "parent_carer", "answers": answers}
        for answers in (
            {"knew_the_plan": 5, "ways_of_contact": {"by_phone": 1}, "help_received": ["advice", "practical"]},
            {"knew_the_plan": 4, "ways_of_contact": {"by_phone": 2, "online": 5}, "help_received": ["advice"]},
            {"knew_the_plan": 1, "what_should_change": "Nothing."},
        )
    ]
    await surveying.answer(wave, items)
    results = await surveying.results(wave)
    plan = of(results, "knew_the_plan")
    assert (plan["answered"], plan["mean"], counts(plan)) == (3, 3.33, {"1": 1, "2": 0, "3": 0, "4": 1, "5": 1})
    assert (plan["favourable"]["count"], plan["favourable"]["estimate"]["value"]) == (2, 66.7)
    assert of(results, "ways_of_contact", "by_phone")["mean"] == 1.5
    assert of(results, "ways_of_contact", "online")["answered"] == 1
    assert counts(of(results, "help_received", "advice")) == {"chosen": 2, "not_chosen": 0}
    assert counts(of(results, "help_received", "practical")) == {"chosen": 1, "not_chosen": 1}
    assert results["set_aside"] == 0
    assert "what_should_change" not in {one["question"] for one in results["questions"]}


async def test_results_are_narrowed_to_a_unit_a_group_or_both(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS, respondent_groups=["parent_carer", "foster_carer"])
    await surveying.answer(
        wave,
        many("fs_weymouth", "parent_carer", "knew_the_plan", {4: 3})
        + many("fs_bridport", "parent_carer", "knew_the_plan", {2: 2})
        + many("fs_bridport", "foster_carer", "knew_the_plan", {5: 4}),
    )
    for query, expected in (
        ({"unit": "fs_bridport"}, 6),
        ({"respondent_group": "parent_carer"}, 5),
        ({"unit": "fs_bridport", "respondent_group": "foster_carer"}, 4),
        ({"unit": "fs_swanage"}, 0),
    ):
        results = await surveying.results(wave, **query)
        assert results["responses"] == expected
        assert not results["questions"] or of(results, "knew_the_plan")["answered"] == expected
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}/results"
    assert (await client.get(f"{path}?unit=cwd_east")).status_code == 404
    assert (await client.get(f"{path}?respondent_group=manager")).status_code == 422


async def test_change_since_the_wave_before_has_newcombe_s_and_welch_s_intervals(surveying: Any) -> None:
    before = await surveying.plan(PARENTS, opens_on="2026-11-01", closes_on="2026-11-23")
    await surveying.answer(before, many("fs_weymouth", "parent_carer", "knew_the_plan", {4: 48, 2: 32}))
    surveying.days_pass(1)
    wave = await surveying.plan(PARENTS, opens_on="2026-11-24")
    await surveying.answer(wave, many("fs_weymouth", "parent_carer", "knew_the_plan", {4: 56, 2: 14}))
    results = await surveying.results(wave)
    assert results["previous"]["wave"] == before["id"]
    change = of(results, "knew_the_plan")["change"]
    # Newcombe's own example: 56 of 70 against 48 of 80.
    assert change["share"] == {"value": 20.0, "lower": 5.2, "upper": 33.4}
    assert (change["comparable"], change["clear"], change["mean"]["value"]) == (True, True, 0.4)
    assert of(results, "treated_with_respect")["change"]["share"] is None
    assert (await surveying.results(before))["previous"] is None


async def test_a_wave_of_another_unit_or_survey_is_no_wave_before(surveying: Any) -> None:
    await surveying.plan(PARENTS, opens_on="2026-11-01", closes_on="2026-11-23", unit="fs_weymouth")
    await surveying.plan(PARENTS, opens_on="2026-11-01", closes_on="2026-11-30")
    surveying.days_pass(1)
    wave = await surveying.plan(PARENTS, opens_on="2026-11-24")
    assert (await surveying.results(wave))["previous"] is None


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ("rename", "not_asked"),
        ("scale", "scale_changed"),
        ("kind", "kind_changed"),
        ("words", None),
    ],
)
async def test_only_the_same_question_on_the_same_scale_is_compared(surveying: Any, edit: str, reason: str) -> None:
    before = await surveying.plan(PARENTS, opens_on="2026-11-01", closes_on="2026-11-23")
    await surveying.answer(before, many("fs_weymouth", "parent_carer", "knew_the_plan", {4: 8}))
    client = await surveying.feedback.client("admin")
    content = (await client.get("/v1/framework/surveys/parents_questionnaire")).json()["content"]
    content["version"] = 2
    (asked,) = [one for one in content["questions"] if one["code"] == "knew_the_plan"]
    if edit == "rename":
        asked["code"] = "knows_the_plan"
    elif edit == "scale":
        content["scales"].append(content["scales"][0] | {"code": "short", "points": content["scales"][0]["points"][2:]})
        asked["scale"] = "short"
    elif edit == "kind":
        asked |= {"kind": "choice", "scale": None, "options": [{"code": c, "label": {"en": c}} for c in ("yes", "no")]}
    else:
        asked["label"]["en"] = "I know the plan, and what I am to do."
    item = {"kind": "surveys", "code": "parents_questionnaire", "content": content}
    applied = await client.post("/v1/framework/applications", json={"items": [item]})
    assert applied.status_code == 200, applied.text
    surveying.days_pass(1)
    wave = await surveying.plan(PARENTS, opens_on="2026-11-24")
    assert wave["survey_version"] == 2
    answer = "yes" if edit == "kind" else 4
    await surveying.answer(wave, many("fs_weymouth", "parent_carer", asked["code"], {answer: 7}))
    change = of(await surveying.results(wave), asked["code"])["change"]
    assert (change["comparable"], change["reason"]) == (reason is None, reason)
    assert (change["share"] is not None) == (reason is None)
