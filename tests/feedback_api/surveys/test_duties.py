"""What is owed: yearly stakeholder surveys, later parts of evaluations; and what evaluations show."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.feedback_api.voices import count_answers, count_besides_views
from tests.feedback_api.surveys.conftest import PARENTS, STAFF, many

COURSE = {
    "survey": "course_evaluation",
    "unit": "childrens_services",
    "respondent_groups": ["practitioner", "partner_agency"],
    "opens_on": "2026-08-20",
    "closes_on": "2026-11-30",
    "course": "Child exploitation, 20 August 2026",
    "agency": "dorset_police",
}


async def duties(surveying: Any, role: str = "admin", unit: str | None = None, **query: str) -> dict[str, Any]:
    client = await surveying.feedback.client(role, unit)
    answer = await client.get("/v1/survey-duties", params={"year": "FY2026-27"} | query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_R63_each_specialist_service_owes_five_groups_a_survey_a_year_and_the_missing_ones_are_listed(
    surveying: Any,
) -> None:
    before = (await duties(surveying))["items"]
    assert len(before) == 6
    assert all(len(one["missing"]) == 5 and one["due_on"] == "2027-03-31" and not one["overdue"] for one in before)
    await surveying.plan(
        PARENTS, survey="stakeholder_survey", unit="hearing_support", respondent_groups=["child", "school"],
        languages=["en"], closes_on="2026-11-23",
    )  # fmt: skip
    await surveying.plan(
        PARENTS, survey="stakeholder_survey", unit="hearing_support", respondent_groups=["setting"],
        languages=["en"], opens_on="2027-01-10", closes_on="2027-02-01",
    )  # fmt: skip
    surveying.days_pass(1)
    (one,) = [one for one in (await duties(surveying))["items"] if one["unit"] == "hearing_support"]
    assert {group["respondent_group"]: group["status"] for group in one["groups"]} == {
        "child": "done", "young_person": "missing", "parent_carer": "missing", "school": "done", "setting": "planned",
    }  # fmt: skip
    assert one["missing"] == ["young_person", "parent_carer"]
    assert len((await duties(surveying, year="FY2025-26", missing="true"))["items"]) == 6
    assert all(one["overdue"] for one in (await duties(surveying, year="FY2025-26"))["items"])
    mine = await duties(surveying, "team_manager", "hearing_support")
    assert [one["unit"] for one in mine["items"]] == ["hearing_support"]
    client = await surveying.feedback.client("admin")
    assert (await client.get("/v1/survey-duties?year=2026-04")).status_code == 422


async def test_R57_an_evaluation_is_owed_again_after_three_months_until_it_is_put(surveying: Any) -> None:
    first = await surveying.plan(COURSE)
    (owed,) = (await duties(surveying))["follow_ups"]
    assert (owed["wave"], owed["month"], owed["due_on"]) == (first["id"], 3, "2027-02-28")
    assert (owed["course"], owed["agency"]) == (COURSE["course"], "dorset_police")
    later = {"survey": "course_evaluation", "unit": "childrens_services", "follows": first["id"], "month": 3}
    wave = await surveying.plan(later, opens_on="2027-02-20", closes_on="2027-03-05")
    assert (wave["course"], wave["agency"], wave["respondent_groups"]) == (
        COURSE["course"],
        "dorset_police",
        COURSE["respondent_groups"],
    )
    assert (await duties(surveying))["follow_ups"] == []
    client = await surveying.feedback.client("admin")
    again = await client.post("/v1/survey-waves", json=later | {"opens_on": "2027-02-20", "closes_on": "2027-03-05"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/follow-up-taken")
    await client.post(f"/v1/survey-waves/{wave['id']}/closing", headers={"If-Match": '"1"'})
    assert len((await duties(surveying))["follow_ups"]) == 1, "a part that was cancelled is owed still"
    await surveying.plan(later, opens_on="2027-02-21", closes_on="2027-03-05")


async def test_R57_transfer_of_learning_pairs_the_same_people_by_a_code_of_their_own(surveying: Any) -> None:
    first = await surveying.plan(COURSE, closes_on="2026-11-23")
    people = [f"code-{number:02}" for number in range(20)]
    before = [
        {"respondent_group": "practitioner", "answers": {"confident": 2, "uses_it": 2}, "pair_code": code}
        for code in people
    ]
    await surveying.answer(
        first, [*before, before[0] | {"pair_code": "everybody"}, before[0] | {"pair_code": "everybody"}]
    )
    surveying.days_pass(1)
    later = await surveying.plan(
        {"survey": "course_evaluation", "unit": "childrens_services", "follows": first["id"], "month": 3},
        opens_on="2026-11-24", closes_on="2026-11-24",
    )  # fmt: skip
    after = [
        {"respondent_group": "practitioner", "answers": {"confident": 3 if at < 10 else 2}, "pair_code": code.upper()}
        for at, code in enumerate(people)
    ]
    await surveying.answer(later, [*after, after[0] | {"pair_code": "everybody"}, after[0] | {"pair_code": None}])
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{later['id']}/transfer"
    assert (await client.get(path)).json()["withheld"] == "open"
    surveying.days_pass(1)
    told = (await client.get(path)).json()
    assert (told["months"], told["course"], told["responses"], told["pairs"]) == (3, COURSE["course"], 22, 20)
    confident = {one["question"]: one for one in told["questions"]}["confident"]
    assert (confident["pairs"], confident["better"], confident["same"], confident["worse"]) == (20, 10, 10, 0)
    assert confident["mean_change"] == {"value": 0.5, "lower": 0.26, "upper": 0.74}
    assert {one["question"] for one in told["questions"]} == {"confident", "uses_it"}
    none = await client.get(f"/v1/survey-waves/{first['id']}/transfer")
    assert (none.status_code, none.json()["type"]) == (409, "/problems/no-earlier-part")


async def test_R57_few_pairs_tell_nothing(surveying: Any) -> None:
    first = await surveying.plan(COURSE, closes_on="2026-11-23")
    one = {"respondent_group": "practitioner", "answers": {"confident": 2}, "pair_code": "code-1"}
    await surveying.answer(first, [one])
    surveying.days_pass(1)
    later = await surveying.plan(
        {"survey": "course_evaluation", "unit": "childrens_services", "follows": first["id"], "month": 3},
        opens_on="2026-11-24", closes_on="2026-11-24",
    )  # fmt: skip
    await surveying.answer(later, [one | {"answers": {"confident": 4}}])
    surveying.days_pass(1)
    client = await surveying.feedback.client("admin")
    told = (await client.get(f"/v1/survey-waves/{later['id']}/transfer")).json()
    assert (told["responses"], told["pairs"], told["questions"][0]["mean_change"]) == (None, None, None)


async def test_R13_R16_answers_to_surveys_are_voices_of_their_channel_and_those_of_families_a_method(
    surveying: Any,
) -> None:
    staff, parents = await surveying.plan(STAFF), await surveying.plan(PARENTS)
    await surveying.answer(staff, many("fs_weymouth", "manager", "audit_helps", {4: 3}))
    await surveying.answer(parents, many("fs_bridport", "parent_carer", "knew_the_plan", {4: 2}))
    days = date(2026, 11, 1), date(2026, 11, 30)
    async with surveying.feedback.database.snapshot() as session:
        whole = await count_besides_views(session, *days, None)
        families = await count_answers(session, *days, None)
        one = await count_besides_views(session, *days, ["fs_bridport"])
        none = await count_besides_views(session, date(2026, 10, 1), date(2026, 10, 31), None)
    assert whole == {("questionnaires", "fs_bridport"): 2, ("staff_survey", "fs_weymouth"): 3}
    assert families == one == {("questionnaires", "fs_bridport"): 2}
    assert none == {}
    client = await surveying.feedback.client("admin")
    found = (await client.get("/v1/coverage?period=FY2026-27-Q3")).json()
    assert not {"questionnaires", "staff_survey"} & set(found["silent_channels"])
    assert "fs_bridport" in found["single_method_teams"] and "fs_weymouth" in found["no_method_teams"]
    summary = (await client.get("/v1/summary?period=FY2026-27-Q3")).json()
    assert not {"questionnaires", "staff_survey"} & set(summary["silent_channels"])
