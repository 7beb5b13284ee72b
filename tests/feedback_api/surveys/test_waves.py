"""Waves: whom a questionnaire is put to, from when to when, and who could answer."""

from __future__ import annotations

from typing import Any

import pytest

from services.feedback_api.surveys.wave_schemas import WaveIn
from tests.feedback_api.surveys.conftest import PARENTS, STAFF

UNKNOWN = "0198c0de-0000-7000-8000-000000000001"


async def test_a_wave_is_of_the_version_in_use_and_says_where_it_stands_by_the_clock(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS, opens_on="2026-11-25", closes_on="2026-11-26")
    assert (wave["survey_version"], wave["channel"], wave["of_staff"]) == (1, "questionnaires", False)
    client = await surveying.feedback.client("admin")
    told = []
    for _ in range(5):
        told.append((await client.get(f"/v1/survey-waves/{wave['id']}")).json()["status"])
        surveying.days_pass(1)
    assert told == ["planned", "planned", "open", "open", "closed"]


async def test_the_documented_example_is_accepted(surveying: Any) -> None:
    (example,) = WaveIn.model_config["json_schema_extra"]["examples"]  # type: ignore[index,call-overload]
    wave = await surveying.plan(example)
    assert [one["number"] for one in wave["populations"]] == [61, 84]


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"survey": "nothing"}, "/survey", "unknown_survey"),
        ({"unit": "fs_nowhere"}, "/unit", "unknown_unit"),
        ({"respondent_groups": ["manager"]}, "/respondent_groups/0", "respondent_group"),
        ({"languages": ["en", "cy"]}, "/languages/1", "language"),
        ({"closes_on": "2026-11-01"}, "", "value_error"),
        ({"month": 3}, "", "value_error"),
        ({"month": 3, "follows": UNKNOWN}, "/follows", "unknown_wave"),
        ({"course": "First aid"}, "/course", "not_about_a_course"),
        ({"survey": "course_evaluation", "respondent_groups": None}, "/agency", "missing"),
        (
            {"populations": [{"unit": "cwd_east", "respondent_group": "parent_carer", "number": 3}]},
            "/populations/0/unit",
            "unknown_unit",
        ),
        (
            {"populations": [{"unit": "fs_weymouth", "respondent_group": "child", "number": 3}]},
            "/populations/0/respondent_group",
            "respondent_group",
        ),
        ({"populations": [{"unit": "fs_weymouth", "respondent_group": "parent_carer", "number": 3}] * 2},
         "/populations", "value_error"),
    ],
)  # fmt: skip
async def test_a_wave_that_cannot_be_is_pointed_at(
    surveying: Any, fields: dict[str, Any], pointer: str, code: str
) -> None:
    client = await surveying.feedback.client("admin")
    answer = await client.post("/v1/survey-waves", json=PARENTS | {"languages": ["en"]} | fields)
    assert answer.status_code == 422, answer.text
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in answer.json()["errors"]}
    assert (await client.get("/v1/survey-waves")).json()["items"] == []


async def test_an_open_wave_is_extended_with_the_etag_that_was_read_and_what_is_settled_stays(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}"
    assert (await client.patch(path, json={"closes_on": "2026-12-18"})).status_code == 428
    headers = {"If-Match": '"1"'}
    after = await client.patch(path, json={"closes_on": "2026-12-18"}, headers=headers)
    assert (after.status_code, after.json()["closes_on"], after.headers["etag"]) == (200, "2026-12-18", '"2"')
    assert (await client.patch(path, json={"title": "Late"}, headers=headers)).status_code == 412
    for settled in ({"respondent_groups": ["foster_carer"]}, {"opens_on": "2026-12-01"}, {"languages": ["en"]}):
        answer = await client.patch(path, json=settled, headers={"If-Match": '"2"'})
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wave-begun")
    past = await client.patch(path, json={"closes_on": "2026-11-20"}, headers={"If-Match": '"2"'})
    assert past.json()["errors"][0]["code"] == "too_early"


async def test_a_wave_closed_early_stays_closed_and_one_that_had_not_begun_never_was(surveying: Any) -> None:
    client = await surveying.feedback.client("admin")
    headers = {"If-Match": '"1"'}
    for opens, status in (("2026-11-02", "closed"), ("2026-11-24", "cancelled")):
        wave = await surveying.plan(PARENTS, opens_on=opens)
        path = f"/v1/survey-waves/{wave['id']}"
        closed = await client.post(f"{path}/closing", headers=headers)
        assert (closed.status_code, closed.json()["status"]) == (200, status)
        assert closed.json()["closes_on"] == ("2026-11-23" if status == "closed" else "2026-12-11")
        again = await client.post(f"{path}/closing", headers={"If-Match": '"2"'})
        extended = await client.patch(path, json={"closes_on": "2026-12-31"}, headers={"If-Match": '"2"'})
        assert {again.json()["type"], extended.json()["type"]} == {"/problems/wave-closed"}
        (listed,) = (await client.get(f"/v1/survey-waves?status={status}")).json()["items"]
        assert listed["id"] == wave["id"]


async def test_a_team_sees_the_waves_above_it_and_changes_none_and_another_service_sees_nothing(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    team = await surveying.feedback.client("team_manager", "fs_weymouth")
    path = f"/v1/survey-waves/{wave['id']}"
    seen = (await team.get(path)).json()
    assert (seen["id"], seen["allowed_actions"], seen["populations"]) == (wave["id"], [], None)
    assert [one["id"] for one in (await team.get("/v1/survey-waves")).json()["items"]] == [wave["id"]]
    assert (await team.patch(path, json={"title": "Ours"}, headers={"If-Match": '"1"'})).status_code == 404
    other = await surveying.feedback.client("team_manager", "cwd_east")
    assert (await other.get(path)).status_code == 404
    assert (await other.get("/v1/survey-waves")).json()["items"] == []


async def test_R16_waves_of_staff_are_marked_as_such(surveying: Any) -> None:
    assert (await surveying.plan(STAFF))["of_staff"] is True
    leaving = STAFF | {"survey": "exit_interview"}
    assert ((await surveying.plan(leaving))["channel"], (await surveying.plan(leaving))["of_staff"]) == (
        "exit_interview",
        True,
    )
