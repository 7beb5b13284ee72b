"""Answers passed on by a recorder, one or many, and what is kept of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.surveys.response_schemas import SurveyResponseIn
from tests.feedback_api.surveys.conftest import PARENTS, STAFF
from tests.feedback_api.surveys.test_results import of

ONE = {"unit": "fs_weymouth", "respondent_group": "parent_carer", "answers": {"knew_the_plan": 4}}


async def rows(surveying: Any, table: str) -> list[dict[str, Any]]:
    async with surveying.feedback.database.snapshot() as session:
        return [dict(row) for row in (await session.execute(sa.text(f"SELECT * FROM {table}"))).mappings()]


async def deeds(surveying: Any) -> list[dict[str, Any]]:
    await surveying.feedback.seal()
    client = await surveying.feedback.client("admin")
    items: list[dict[str, Any]] = (await client.get("/v1/activity?limit=500")).json()["items"]
    return [one for one in items if one["action"] != "framework.applied"]


async def test_answers_are_kept_with_unit_group_language_and_day_and_lead_back_to_nobody(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("practitioner", "fs_weymouth", "somebody-known")
    (example,) = SurveyResponseIn.model_config["json_schema_extra"]["examples"]  # type: ignore[index,call-overload]
    answer = await client.post(f"/v1/survey-waves/{wave['id']}/responses", json=example)
    assert (answer.status_code, answer.json()["status"]) == (201, "created")
    assert "location" not in answer.headers
    (kept,) = await rows(surveying, "survey_response")
    assert kept["id"].version == 4, "a key made of the time would tell when it was given"
    assert {name for name, value in kept.items() if value is not None} == {
        "id", "wave_id", "unit", "respondent_group", "language", "answered_on", "set_aside", "source_key",
    }  # fmt: skip
    (words,) = await rows(surveying, "survey_words")
    assert "response_id" not in words
    everything = str([kept, words, *await rows(surveying, "survey_answer")])
    assert "somebody-known" not in everything
    assert "SHEET-014" not in everything


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"respondent_group": "manager"}, "/respondent_group", "respondent_group"),
        ({"unit": "cwd_east"}, "/unit", "unknown_unit"),
        ({"language": "fr"}, "/language", "language"),
        ({"age_band": "5-9"}, "/age_band", "not_asked"),
        ({"pair_code": "my code"}, "/pair_code", "not_asked"),
        ({"answered_on": "2026-11-01"}, "/answered_on", "outside_wave"),
        ({"answered_on": "2026-11-24"}, "/answered_on", "outside_wave"),
        ({"answers": {}}, "/answers", "too_short"),
        ({"answers": {"weather": 1}}, "/answers/weather", "not_asked"),
        ({"answers": {"knew_the_plan": 6}}, "/answers/knew_the_plan", "point"),
        ({"answers": {"knew_the_plan": True}}, "/answers/knew_the_plan", "point"),
        ({"answers": {"knew_the_plan": "4"}}, "/answers/knew_the_plan", "point"),
        ({"answers": {"ways_of_contact": 3}}, "/answers/ways_of_contact", "rows"),
        ({"answers": {"ways_of_contact": {"by_owl": 3}}}, "/answers/ways_of_contact/by_owl", "row"),
        ({"answers": {"ways_of_contact": {"online": 9}}}, "/answers/ways_of_contact/online", "point"),
        ({"answers": {"help_received": "advice"}}, "/answers/help_received", "options"),
        ({"answers": {"help_received": ["advice", "advice"]}}, "/answers/help_received", "options"),
        ({"answers": {"what_should_change": 3}}, "/answers/what_should_change", "text"),
        ({"answers": {"what_should_change": "x" * 4001}}, "/answers/what_should_change", "string_too_long"),
        ({"answers": {"what_should_change": "\u202ex"}}, "/answers/what_should_change", "characters"),
        ({"name": "Somebody"}, "", "extra_forbidden"),
    ],
)
async def test_what_a_recorder_got_wrong_is_pointed_at_and_nothing_is_kept(
    surveying: Any, fields: dict[str, Any], pointer: str, code: str
) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("admin")
    answer = await client.post(f"/v1/survey-waves/{wave['id']}/responses", json=ONE | fields)
    assert answer.status_code == 422, answer.text
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in answer.json()["errors"]}
    assert await rows(surveying, "survey_response") == []


async def test_answers_are_taken_while_the_wave_is_open_alone(surveying: Any) -> None:
    client = await surveying.feedback.client("admin")
    for opens, closes in (("2026-11-24", "2026-11-30"), ("2026-11-01", "2026-11-22")):
        wave = await surveying.plan(PARENTS, opens_on=opens, closes_on=closes)
        answer = await client.post(f"/v1/survey-waves/{wave['id']}/responses", json=ONE)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wave-not-open")


async def test_a_recorder_of_one_team_records_for_that_team_alone(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("practitioner", "fs_weymouth")
    path = f"/v1/survey-waves/{wave['id']}/responses"
    assert (await client.post(path, json=ONE | {"unit": None})).status_code == 201
    refused = await client.post(path, json=ONE | {"unit": "fs_bridport"})
    assert refused.json()["errors"][0]["code"] == "unknown_unit"
    assert [row["unit"] for row in await rows(surveying, "survey_response")] == ["fs_weymouth"]


async def test_a_batch_sent_again_changes_nothing_and_a_bad_row_spoils_it_or_only_itself(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}/responses/imports"
    items = [ONE | {"source_ref": f"S-{number}"} for number in range(3)]
    bad = [*items, ONE | {"answers": {"knew_the_plan": 9}}, items[0]]
    refused = await client.post(path, json={"items": bad})
    assert {one["pointer"] for one in refused.json()["errors"]} == {
        "/items/3/answers/knew_the_plan",
        "/items/4/source_ref",
    }
    tried = (await client.post(f"{path}?dry_run=true", json={"items": bad})).json()
    assert (tried["created"], tried["rejected"], await rows(surveying, "survey_response")) == (3, 2, [])
    partial = (await client.post(f"{path}?mode=partial", json={"items": bad})).json()
    assert (partial["created"], partial["rejected"]) == (3, 2)
    again = (await client.post(path, json={"items": items})).json()
    assert (again["created"], again["unchanged"]) == (0, 3)
    assert len(await rows(surveying, "survey_response")) == 3


async def test_one_reference_sent_five_times_at_once_is_one_answer(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}/responses"
    answers = await asyncio.gather(*(client.post(path, json=ONE | {"source_ref": "S-1"}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]


async def test_words_of_harm_are_told_to_the_duty_role_and_identifiers_are_warned_of(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("admin")
    words = {"what_should_change": "He hits me at home. Ring 07700 900123."}
    path = f"/v1/survey-waves/{wave['id']}/responses"
    receipt = (await client.post(path, json=ONE | {"answers": words})).json()
    assert receipt["safeguarding_flag"] is True
    assert receipt["warnings"] == [{"pointer": "/answers/what_should_change", "code": "phone"}]
    (flag,) = (await client.get("/v1/safeguarding-flags?subject_kind=survey_response")).json()["items"]
    told = (await client.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
    assert words["what_should_change"] in str(told)
    assert flag["unit"] == "fs_weymouth"


async def test_R16_the_duty_role_reads_words_of_staff_without_the_team_they_came_from(surveying: Any) -> None:
    wave = await surveying.plan(STAFF)
    words = {"one_change": "I saw how he hits the child at home."}
    await surveying.answer(wave, [{"unit": "fs_weymouth", "respondent_group": "manager", "answers": words}])
    client = await surveying.feedback.client("admin")
    (flag,) = (await client.get("/v1/safeguarding-flags?subject_kind=survey_response")).json()["items"]
    told = (await client.get(f"/v1/safeguarding-flags/{flag['id']}")).text
    assert flag["unit"] == "childrens_services"
    assert words["one_change"] in told
    assert "fs_weymouth" not in told
    assert "manager" not in told


async def test_the_feed_holds_numbers_and_names_nobody_who_recorded_answers_of_staff(surveying: Any) -> None:
    for body, group, who in ((PARENTS, "parent_carer", "test-admin"), (STAFF, "manager", "system:surveys")):
        wave = await surveying.plan(body)
        client = await surveying.feedback.client("admin")
        code = "knew_the_plan" if body is PARENTS else "audit_helps"
        answers = {code: 2, "one_change" if body is STAFF else "what_should_change": "zebracanary"}
        sent = {"respondent_group": group, "answers": answers}
        assert (await client.post(f"/v1/survey-waves/{wave['id']}/responses", json=sent)).status_code == 201
        (deed,) = [
            one for one in await deeds(surveying) if one["subject_id"] == wave["id"] and "response" in one["action"]
        ]
        assert (deed["actor"], deed["data"]) == (who, {"survey": body["survey"], "responses": 1})
    assert "zebracanary" not in str(await deeds(surveying))


async def test_what_was_written_is_for_those_who_may_read_cases_and_its_reading_is_logged(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("admin")
    for unit in ("fs_weymouth", "fs_bridport"):
        item = {"unit": unit, "respondent_group": "parent_carer", "answers": {"what_should_change": f"In {unit}."}}
        await client.post(f"/v1/survey-waves/{wave['id']}/responses", json=item)
    path = f"/v1/survey-waves/{wave['id']}/words"
    for role, unit, seen in (
        ("analyst", None, {"In fs_weymouth.", "In fs_bridport."}),
        ("practitioner", "fs_weymouth", {"In fs_weymouth."}),
    ):
        reader = await surveying.feedback.client(role, unit)
        assert {one["words"] for one in (await reader.get(path)).json()["items"]} == seen
    outsider = await surveying.feedback.client("practitioner")
    assert (await outsider.get(path)).status_code == 403
    narrowed = (await client.get(f"{path}?unit=fs_bridport&question=what_should_change")).json()["items"]
    assert [one["unit"] for one in narrowed] == ["fs_bridport"]
    assert {row["operation"] for row in await rows(surveying, "read_log")} == {"list_survey_words"}


async def test_R16_what_staff_wrote_is_told_of_the_whole_wave_without_unit_or_group_once_it_has_closed(
    surveying: Any,
) -> None:
    wave = await surveying.plan(STAFF, closes_on="2026-11-23")
    few = await surveying.plan(STAFF, closes_on="2026-11-23", unit="family_support")
    one = {"unit": "fs_weymouth", "respondent_group": "manager", "answers": {"one_change": "Fewer forms."}}
    await surveying.answer(wave, [one] * 6)
    await surveying.answer(few, [one] * 5)
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}/words"
    running = await client.get(path)
    assert (running.status_code, running.json()["type"]) == (409, "/problems/words-of-staff")
    surveying.days_pass(1)
    items = (await client.get(path)).json()["items"]
    assert {(one["words"], one["unit"], one["respondent_group"]) for one in items} == {("Fewer forms.", None, None)}
    for narrowed in (
        f"{path}?unit=fs_weymouth",
        f"{path}?respondent_group=manager",
        f"/v1/survey-waves/{few['id']}/words",
    ):
        assert (await client.get(narrowed)).status_code == 409
    team = await surveying.feedback.client("team_manager", "fs_weymouth")
    assert (await team.get(path)).status_code == 409


async def test_an_idempotency_key_replays_the_first_receipt(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("admin")
    path, headers = f"/v1/survey-waves/{wave['id']}/responses", {"Idempotency-Key": "k1"}
    first, second = [await client.post(path, json=ONE, headers=headers) for _ in range(2)]
    assert (first.status_code, second.headers["idempotency-replayed"]) == (201, "true")
    assert of(await surveying.results(wave), "knew_the_plan")["answered"] == 1
