"""Small numbers in results: of children from whom, of staff from everybody, over filters, waves and days."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feedback_api.surveys.conftest import PARENTS, STAFF, many
from tests.feedback_api.surveys.test_results import counts, of


def numbers(node: Any) -> list[Any]:
    """Every number that stands anywhere under questions, breakdowns or rates."""
    if isinstance(node, dict):
        return [one for value in node.values() for one in numbers(value)]
    if isinstance(node, list):
        return [one for value in node for one in numbers(value)]
    return [node] if isinstance(node, int | float) and not isinstance(node, bool) else []


async def test_small_counts_of_families_are_hidden_with_what_would_give_them_away(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS, closes_on="2026-11-23")
    await surveying.answer(wave, many("fs_weymouth", "parent_carer", "knew_the_plan", {5: 20, 4: 12, 1: 3}))
    surveying.days_pass(1)
    results = await surveying.results(wave, "practitioner")
    plan = of(results, "knew_the_plan")
    assert (results["protected"], results["responses"], plan["answered"]) == (True, 35, 35)
    assert counts(plan)["1"] is None
    assert (plan["mean"], plan["favourable"]["estimate"], plan["value_status"]) == (None, None, "c")
    true = of(await surveying.results(wave, "analyst"), "knew_the_plan")
    assert (counts(true)["1"], true["mean"]) == (3, 4.31)


async def test_favourable_shares_are_told_where_neither_side_is_small_though_a_point_is(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS, closes_on="2026-11-23")
    await surveying.answer(wave, many("fs_weymouth", "parent_carer", "knew_the_plan", {5: 20, 4: 12, 2: 9, 1: 3}))
    surveying.days_pass(1)
    plan = of(await surveying.results(wave, "practitioner"), "knew_the_plan")
    assert plan["favourable"]["count"] == 32
    assert (counts(plan)["1"], counts(plan)["2"], counts(plan)["5"]) == (None, None, 20)


@pytest.mark.parametrize("role", ["admin", "head_of_service", "qa_manager", "analyst", "practitioner"])
async def test_R16_R17_fewer_staff_than_the_threshold_are_told_to_nobody_at_any_level(
    surveying: Any, role: str
) -> None:
    wave = await surveying.plan(STAFF, closes_on="2026-11-23")
    await surveying.answer(
        wave,
        many("fs_weymouth", "practitioner", "audit_helps", {4: 9, 2: 8})
        + many("fs_bridport", "practitioner", "audit_helps", {5: 3})
        + many("cwd_east", "practitioner", "audit_helps", {1: 12, 4: 12}),
    )
    surveying.days_pass(1)
    whole = await surveying.results(wave, role)
    assert (whole["protected"], whole["responses"], whole["set_aside"]) == (True, 44, None)
    for unit in ("fs_bridport", "fs_swanage"):
        results = await surveying.results(wave, role, unit=unit)
        assert (results["responses"], results["value_status"], results["questions"]) == (None, "c", [])
        assert numbers(results) == [1], "the version of the survey is the only number"
    # Weymouth is the only other team of its service: its number would give Bridport's away.
    service = await surveying.results(wave, role, unit="family_support")
    team = await surveying.results(wave, role, unit="fs_weymouth")
    assert None in (service["responses"], team["responses"])


async def test_R17_no_combination_of_filters_tells_a_small_group_of_staff(surveying: Any) -> None:
    wave = await surveying.plan(STAFF, closes_on="2026-11-23")
    teams = {"fs_weymouth": 2, "fs_bridport": 7, "fs_swanage": 9, "cwd_east": 20, "cwd_west": 11}
    answers = [one for unit, n in teams.items() for one in many(unit, "practitioner", "audit_helps", {4: n - 1, 2: 1})]
    await surveying.answer(wave, answers + many("cwd_east", "manager", "audit_helps", {3: 4}))
    surveying.days_pass(1)
    told = {unit: (await surveying.results(wave, unit=unit))["responses"] for unit in (*teams, "family_support")}
    assert told["fs_weymouth"] is None
    # Whatever is subtracted, the small team stays in the company of another.
    if told["family_support"] is not None:
        assert None in (told["fs_bridport"], told["fs_swanage"])
    groups = {one["code"]: one["responses"] for one in (await surveying.results(wave))["by_group"]}
    assert groups == {"practitioner": None, "manager": None}
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}/results?unit=cwd_east&respondent_group=practitioner"
    refused = await client.get(path)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "one_at_a_time")


async def test_protected_results_are_told_once_the_wave_has_closed_and_never_change_after(surveying: Any) -> None:
    wave = await surveying.plan(STAFF)
    await surveying.answer(wave, many("fs_weymouth", "practitioner", "audit_helps", {4: 10, 2: 10}))
    running = await surveying.results(wave)
    assert (running["withheld"], running["responses"], running["questions"], running["by_unit"]) == ("open", 20, [], [])
    part = await surveying.results(wave, unit="fs_weymouth")
    assert (part["responses"], part["value_status"]) == (None, "c")
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}"
    await client.post(f"{path}/closing", headers={"If-Match": '"1"'})
    assert of(await surveying.results(wave), "audit_helps")["favourable"]["count"] == 10
    late = await client.post(f"{path}/responses", json={"respondent_group": "manager", "answers": {"audit_helps": 1}})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/wave-not-open")


async def test_a_team_s_manager_sees_the_team_s_part_of_a_wave_of_the_whole_service(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS, closes_on="2026-11-23")
    await surveying.answer(
        wave,
        many("fs_weymouth", "parent_carer", "knew_the_plan", {4: 14})
        + many("fs_bridport", "parent_carer", "knew_the_plan", {2: 16}),
    )
    surveying.days_pass(1)
    results = await surveying.results(wave, "team_manager", "fs_weymouth")
    assert (results["unit"], results["responses"], results["by_unit"]) == ("fs_weymouth", 14, [])
    client = await surveying.feedback.client("team_manager", "fs_weymouth")
    path = f"/v1/survey-waves/{wave['id']}/results?unit="
    for other in ("fs_bridport", "family_support"):
        assert (await client.get(path + other)).status_code == 404


async def test_R16_leavers_are_told_only_in_company(surveying: Any) -> None:
    leaving = STAFF | {"survey": "exit_interview", "closes_on": "2026-11-23"}
    wave = await surveying.plan(leaving)
    reasons = [["workload", "pay"]] * 8 + [["pay"]] * 9 + [["supervision"]] * 2
    await surveying.answer(
        wave,
        [
            {"unit": "fs_weymouth", "respondent_group": "practitioner", "answers": {"reasons_for_leaving": one}}
            for one in reasons
        ],
    )
    surveying.days_pass(1)
    results = await surveying.results(wave)
    assert counts(of(results, "reasons_for_leaving", "workload")) == {"chosen": 8, "not_chosen": 11}
    assert counts(of(results, "reasons_for_leaving", "supervision")) == {"chosen": None, "not_chosen": None}
