"""The participation statement: from real records, and nothing a small number could be worked out from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback_api.coverage.people import TOTAL, told, with_total
from shared.schemas.participation_statement import ParticipationRecord
from shared.schemas.periods import Period

Make = Callable[..., dict[str, Any]]
PATH = "/v1/participation/activities"
NOBODY = {
    "unit": "sen_team",
    "title": "Short breaks",
    "took_place": False,
    "began_on": "2026-10-30",
    "why_nobody": "Half term.",
    "what_follows": "Families choose the time.",
}


async def statement(feedback: Any, query: str, role: str = "admin", unit: str | None = None) -> Any:
    answer = await (await feedback.client(role, unit=unit)).get(f"/v1/participation-statement?{query}")
    assert answer.status_code == 200, answer.text
    ParticipationRecord.model_validate_json(answer.content)
    return answer.json()


def who(code: str, people: int) -> dict[str, Any]:
    return {"respondent_group": code, "people": people}


@pytest.fixture
async def recorded(feedback: Any, an_activity: Make) -> Any:
    """Twelve young people and nine parents in October, thirty children in August, and staff who are not counted."""
    client = await feedback.client("admin")
    sent = [
        an_activity(who=[who("young_person", 12), who("parent_carer", 9)], commissioning_stage="tendering"),
        an_activity(method="workshop", unit="fs_portland", began_on="2026-08-12", who=[who("child", 30)]),
        an_activity(method="staff_focus_group", who=[who("practitioner", 8)]),
    ]
    for body in sent:
        made = await client.post(PATH, json=body)
        assert made.status_code == 201, made.text
        if body is sent[0]:
            entry = {"said": "The door is hard to find.", "did": "There is a sign now.", "told_back_on": "2026-11-02"}
            change = await client.post(f"{PATH}/{made.json()['id']}/changes", json=entry)
            feedback.change = change.json()["id"]
    return feedback


async def approve(feedback: Any) -> None:
    client = await feedback.client("qa_manager")
    path = f"/v1/participation/changes/{feedback.change}/approval"
    assert (await client.put(path, headers={"If-Match": '"1"'})).status_code == 200


async def test_R11_the_statement_is_made_of_the_records(recorded: Any) -> None:
    await approve(recorded)
    found = await statement(recorded, "period=FY2026-27-Q3")
    assert (found["took_place"], found["ready"]) == (True, True)
    assert [(one["code"], one["activities"]) for one in found["methods"]] == [("group_discussion", 1)]
    assert {one["code"]: one["people"] for one in found["who"]} == {"young_person": 12, "parent_carer": 9}
    assert (found["how_many"], found["how_many_status"]) == (21, None)
    assert [one["said"] for one in found["what_changed"]] == ["The door is hard to find."]
    assert [one["code"] for one in found["commissioning_stages"]] == ["tendering"]
    assert {one["source"]: one["records"] for one in found["sources"]} == {"activities": 1, "you_said_we_did": 1}
    assert {gap["code"] for gap in found["gaps"]} == {"single_method", "uncovered_stages"}
    year = await statement(recorded, "period=FY2026-27")
    assert (year["how_many"], len(year["methods"])) == (51, 2)


async def test_R11_words_nobody_approved_are_no_part_of_it_and_it_is_not_ready(recorded: Any) -> None:
    found = await statement(recorded, "period=FY2026-27-Q3")
    assert (found["what_changed"], found["ready"]) == ([], False)
    assert {"nothing_changed", "words_not_approved"} <= {gap["code"] for gap in found["gaps"]}


async def test_R11_that_nobody_took_part_is_said_with_why_and_what_follows(feedback: Any) -> None:
    client = await feedback.client("admin")
    empty = await statement(feedback, "period=2026-10")
    assert (empty["ready"], empty["took_place"], empty["how_many"]) == (False, False, 0)
    assert "nothing_recorded" in {gap["code"] for gap in empty["gaps"]}
    assert (await client.post(PATH, json=NOBODY)).status_code == 201
    found = await statement(feedback, "period=2026-10")
    assert (found["ready"], found["took_place"]) == (True, False)
    assert [(one["why"], one["what_follows"]) for one in found["none_took_part"]] == [
        ("Half term.", "Families choose the time.")
    ]


async def test_words_that_could_identify_somebody_are_left_out_and_said_to_be(feedback: Any) -> None:
    client = await feedback.client("admin")
    await client.post(PATH, json=NOBODY | {"why_nobody": "Call 01305 550142."})
    found = await statement(feedback, "period=2026-10")
    assert (found["none_took_part"], found["ready"]) == ([], False)
    assert "words_identify" in {gap["code"] for gap in found["gaps"]}


async def test_a_withdrawn_activity_is_no_part_of_the_statement(recorded: Any) -> None:
    client = await recorded.client("admin")
    for row in (await client.get(PATH)).json()["items"]:
        await client.put(f"{PATH}/{row['id']}/withdrawal", json={"reason": "x"}, headers={"If-Match": '"1"'})
    found = await statement(recorded, "period=FY2026-27")
    assert (found["methods"], found["how_many"], found["sources"][0]["records"]) == ([], 0, 0)


async def test_few_people_are_hidden_and_no_difference_of_two_answers_tells_them(
    feedback: Any, an_activity: Make
) -> None:
    client = await feedback.client("admin")
    for days, people in (("2026-10-14", [who("care_leaver", 3), who("young_person", 40)]),
                         ("2026-08-12", [who("care_leaver", 20), who("young_person", 40)])):  # fmt: skip
        assert (await client.post(PATH, json=an_activity(began_on=days, who=people))).status_code == 201
    answers = {
        period: await statement(feedback, f"period={period}", role="practitioner")
        for period in ("FY2026-27-Q2", "FY2026-27-Q3", "FY2026-27")
    }
    shown = {period: {one["code"]: one["people"] for one in found["who"]} for period, found in answers.items()}
    assert shown["FY2026-27-Q3"]["care_leaver"] is None
    assert None in (shown["FY2026-27"]["care_leaver"], shown["FY2026-27-Q2"]["care_leaver"])
    assert None in (shown["FY2026-27-Q3"]["young_person"], answers["FY2026-27-Q3"]["how_many"])
    true = await statement(feedback, "period=FY2026-27-Q3", role="analyst")
    assert (true["how_many"], true["protected"]) == (43, False)


@pytest.mark.parametrize("query", ["period=2026-10", "period=CY2026", "period=FY2026-27-Q3&unit=fs_weymouth"])
async def test_of_a_month_or_a_part_of_the_council_no_number_of_people_is_told_to_those_without_figures(
    recorded: Any, query: str
) -> None:
    found = await statement(recorded, query, role="practitioner")
    assert {one["people"] for one in found["who"]} == {None}
    assert (found["how_many"], found["how_many_status"]) == (None, "c")
    assert found["methods"][0]["activities"] == 1


async def test_another_units_statement_is_not_there(recorded: Any) -> None:
    client = await recorded.client("qa_manager", unit="sen_team")
    assert (await client.get("/v1/participation-statement?period=2026-10&unit=fs_weymouth")).status_code == 404
    own = await statement(recorded, "period=FY2026-27", role="team_manager", unit="fs_portland")
    assert (own["how_many"], own["protected"]) == (30, False)


QUARTERS = [f"FY2026-27-Q{part}" for part in (1, 2, 3, 4)]
PEOPLE = st.dictionaries(st.sampled_from(["child", "young_person", "parent_carer"]), st.integers(1, 30))


@given(st.tuples(PEOPLE, PEOPLE, PEOPLE, PEOPLE))
def test_no_small_number_is_shown_or_is_what_is_left_of_the_others(people: tuple[dict[str, int], ...]) -> None:
    year: dict[str, int] = {}
    for one in people:
        for group, number in one.items():
            year[group] = year.get(group, 0) + number
    counts = {"FY2026-27": with_total(year)} | {
        code: with_total(one) for code, one in zip(QUARTERS, people, strict=True)
    }
    shown = {code: told(Period.parse(code), counts, 5) for code in counts}
    for code, found in shown.items():
        for group, number in found.items():
            assert number is None or (number == counts[code][group] and not 1 <= number <= 5)
    for group in (*year, TOTAL):
        row = [shown[code].get(group, 0) for code in counts]
        assert row.count(None) != 1, "one hidden figure of a row would be what is left of the others"
    for found in shown.values():
        assert [found[group] for group in found].count(None) != 1
