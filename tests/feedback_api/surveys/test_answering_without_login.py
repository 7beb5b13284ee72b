"""Surveys without a login: the questions by token, and answers that are never refused for what they say."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.feedback_api.surveys.conftest import PARENTS
from tests.feedback_api.surveys.test_recording import rows
from tests.feedback_api.surveys.test_results import of


async def tokens(surveying: Any, wave: dict[str, Any], count: int = 6, **fields: Any) -> list[str]:
    client = await surveying.feedback.client("admin")
    body = {"respondent_group": "parent_carer", "unit": "fs_weymouth", "count": count} | fields
    answer = await client.post(f"/v1/survey-waves/{wave['id']}/tokens", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: list[str] = answer.json()["tokens"]
    return found


async def send(surveying: Any, path: str, body: Any) -> httpx.Response:
    anyone = await surveying.feedback.client(None)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await anyone.post(f"/v1/public/{path}", content=raw, headers={"Content-Type": "application/json"})


async def test_somebody_with_a_token_is_shown_the_questions_of_their_group_in_their_language(surveying: Any) -> None:
    wave = await surveying.plan(
        PARENTS, survey="stakeholder_survey", unit="hearing_support", respondent_groups=["child", "school"]
    )
    (token, *_) = await tokens(surveying, wave, unit="hearing_support", respondent_group="child")
    for _ in range(2):
        answer = await send(surveying, "survey-forms", {"token": token, "language": "pl", "easy": True})
        assert answer.status_code == 200, answer.text
    form = answer.json()["form"]
    assert (form["language"], form["fields"][0]["label"]) == ("pl", "Jak dobra była nasza pomoc?")
    assert [field["code"] for field in form["fields"]] == ["overall", "feels_heard", "what_works", "what_should_change"]
    assert answer.json()["call_now"][0]["phone"] == "999"
    unknown = await send(surveying, "survey-forms", {"token": token, "language": "xx"})
    assert unknown.json()["form"]["language"] == "en"


async def test_a_token_is_good_for_one_set_of_answers_of_its_unit_and_group(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    (token, *_) = await tokens(surveying, wave)
    body = {"token": token, "answers": {"knew_the_plan": 5}, "respondent_group": "manager", "unit": "cwd_east"}
    taken = await send(surveying, "survey-responses", body)
    assert (taken.status_code, taken.json()["set_aside"]) == (202, 0)
    again = await send(surveying, "survey-responses", body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/token-not-usable")
    assert again.json()["call_now"][0]["phone"] == "999"
    (kept,) = await rows(surveying, "survey_response")
    assert (kept["unit"], kept["respondent_group"], kept["source_key"]) == ("fs_weymouth", "parent_carer", None)
    assert of(await surveying.results(wave), "knew_the_plan")["mean"] == 5


async def test_one_token_sent_ten_times_at_once_is_one_answer(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    (token, *_) = await tokens(surveying, wave)
    body = {"token": token, "answers": {"knew_the_plan": 5}}
    answers = await asyncio.gather(*(send(surveying, "survey-responses", body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 9
    assert len(await rows(surveying, "survey_response")) == 1


@pytest.mark.parametrize(
    ("answers", "set_aside", "words"),
    [
        ({"knew_the_plan": 6}, 1, []),
        ({"knew_the_plan": "very much, he hits me"}, 1, ["very much, he hits me"]),
        ({"weather": "rain", "knew_the_plan": 3}, 1, ["rain"]),
        ({"ways_of_contact": {"by_phone": 2, "by_owl": "never"}}, 1, ['{"by_phone": 2, "by_owl": "never"}']),
        ({"help_received": ["advice", 3]}, 1, ['["advice", 3]']),
        ({"what_should_change": "a\u0000b \u202e" + "x" * 9000}, 0, ["a\ufffdb \u202e" + "x" * 9000]),
        ([1, 2], 1, ["[1, 2]"]),
        ("I only want to say this", 1, ["I only want to say this"]),
        (None, 0, []),
    ],
)
async def test_what_cannot_be_read_is_set_aside_and_counted_and_words_are_kept_wherever_they_stand(
    surveying: Any, answers: Any, set_aside: int, words: list[str]
) -> None:
    wave = await surveying.plan(PARENTS)
    (token, *_) = await tokens(surveying, wave)
    taken = await send(surveying, "survey-responses", {"token": token, "answers": answers})
    assert (taken.status_code, taken.json()["set_aside"]) == (202, set_aside), taken.text
    assert [row["words"] for row in await rows(surveying, "survey_words")] == words
    assert (await surveying.results(wave))["set_aside"] == set_aside


async def test_words_come_into_quarantine_flagged_and_are_released_by_somebody_who_has_looked(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    (token, *_) = await tokens(surveying, wave)
    body = {"token": token, "answers": {"what_should_change": f"He hits me. {token}"}, "more": "and my sister"}
    await send(surveying, "survey-responses", body)
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}/words"
    assert (await client.get(path)).json()["items"] == []
    held = (await client.get(f"{path}?state=quarantined")).json()["items"]
    assert {one["words"] for one in held} == {"He hits me. [token]", "and my sister"}
    (flagged,) = [one for one in held if one["safeguarding_flag"]]
    assert flagged["allowed_actions"] == ["release"]
    assert len((await client.get("/v1/safeguarding-flags?subject_kind=survey_response")).json()["items"]) == 1
    team = await surveying.feedback.client("practitioner", "fs_weymouth")
    assert (await team.get(f"{path}?state=quarantined")).status_code == 403
    release = f"/v1/survey-words/{flagged['id']}/release"
    assert (await team.post(release, headers={"If-Match": '"1"'})).status_code == 403
    assert (await client.post(release)).status_code == 428
    released = await client.post(release, headers={"If-Match": '"1"'})
    assert (released.status_code, released.json()["state"]) == (200, "released")
    assert [one["id"] for one in (await team.get(path)).json()["items"]] == [flagged["id"]]


async def test_a_wave_that_is_not_open_takes_no_answers_and_the_token_stays_good(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS, opens_on="2026-11-24")
    (token, *_) = await tokens(surveying, wave)
    for path in ("survey-responses", "survey-forms"):
        refused = await send(surveying, path, {"token": token, "answers": {"knew_the_plan": 5}})
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/wave-not-open")
        assert refused.json()["call_now"][0]["phone"] == "999"
    surveying.days_pass(1)
    taken = await send(surveying, "survey-responses", {"token": token, "answers": {"knew_the_plan": 5}})
    assert taken.status_code == 202


async def test_tokens_are_issued_for_the_groups_and_units_of_a_wave_and_never_for_a_few(surveying: Any) -> None:
    wave = await surveying.plan(PARENTS)
    client = await surveying.feedback.client("admin")
    path = f"/v1/survey-waves/{wave['id']}/tokens"
    for body, code in (
        ({"respondent_group": "child", "count": 9}, "respondent_group"),
        ({"respondent_group": "parent_carer", "unit": "cwd_east", "count": 9}, "unknown_unit"),
        ({"respondent_group": "parent_carer", "count": 5}, "too_few"),
    ):
        refused = await client.post(path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    keyed = [
        await client.post(path, json={"respondent_group": "parent_carer", "count": 9}, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert [len(one.json()["tokens"]) for one in keyed] == [9, 0]


async def test_a_body_without_a_token_or_that_is_no_json_is_the_only_one_refused(surveying: Any) -> None:
    for raw in (b"", b"[]", b"{}", b'{"token": 3}', b"\xff"):
        assert (await send(surveying, "survey-responses", raw)).status_code == 422
    assert (await send(surveying, "survey-responses", {"token": "WRONG"})).status_code == 409
    assert (await send(surveying, "survey-forms", {"token": "WRONG"})).status_code == 409
