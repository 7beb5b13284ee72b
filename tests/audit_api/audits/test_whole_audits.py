"""An audit sent whole in one request, and every rule that can keep it out."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from services.audit_api.audits.rendering import AuditOut
from tests.audit_api.life import stepped
from tests.audit_api.papers import (
    IMPROVEMENT,
    STRENGTH,
    VIEWS,
    activity_of,
    answers,
    cover,
    in_round,
    make_round,
    send,
    whole,
)
from tests.conftest import Running


def _slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


def _faults(answer: httpx.Response) -> set[tuple[str, str]]:
    return {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}


async def test_a_whole_audit_is_stored_and_read_back(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await make_round(client, "2026-11")
    answer = await client.post("/v1/audits", json=in_round("fs_weymouth", "2026-11"))
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["status"], found["tool"], found["tool_version"]) == ("submitted", "case_audit", 1)
    assert (found["due_on"], found["submitted_on"], found["late"]) == ("2026-12-14", "2026-11-23", False)
    assert found["answers"] == answers()
    assert (found["views"]["parent_carer"]["feedback"], found["views"]["parent_carer"]["reason"]) == (None, "declined")
    assert [one["kind"] for one in found["findings"]] == ["strength", "area_for_improvement"]
    assert found["allowed_actions"] == ["add_view", "attach", "close", "reopen", "moderate"]
    read = await client.get(answer.headers["location"])
    assert read.json() == found
    assert read.headers["etag"].startswith('"1-')
    # A new audit is sent without its model, and byte for byte as the model would give it.
    assert AuditOut.model_validate_json(answer.content).model_dump_json() == answer.text
    slot = next(one for one in (await cover(client, "2026-11"))["slots"] if one["unit"] == "fs_weymouth")
    assert (slot["state"], slot["audit"]) == ("done", found["id"])


async def test_R25_the_three_domains_keep_a_grade_each_and_there_is_no_overall_one(audit: Running) -> None:
    client = await audit.client("qa_manager")
    graded = answers(intervention_overall="good", outcomes_overall="inadequate", process_overall="outstanding")
    found = await send(client, whole(answers=graded))
    assert found["grades"] == {
        "quality_of_intervention": "good",
        "outcomes_achieved": "inadequate",
        "adherence_to_process": "outstanding",
    }
    for domain in ("intervention_overall", "outcomes_overall", "process_overall"):
        missing = {code: value for code, value in answers().items() if code != domain}
        answer = await client.post("/v1/audits", json=whole(answers=missing))
        assert (answer.status_code, _slug(answer)) == (409, "audit-not-ready")
        assert _faults(answer) == {(f"/answers/{domain}", "required")}


@pytest.mark.parametrize("view_of", ["child", "parent_carer", "icrs"])
async def test_R15_an_audit_needs_each_view_or_the_reason_why_there_is_none(audit: Running, view_of: str) -> None:
    client = await audit.client("qa_manager")
    left = {name: view for name, view in VIEWS.items() if name != view_of}
    answer = await client.post("/v1/audits", json=whole(views=left))
    assert (answer.status_code, _slug(answer)) == (409, "audit-not-ready")
    assert _faults(answer) == {(f"/views/{view_of}", "view_missing")}
    for reason in ("declined", "unsafe", "not_contactable", "no_reply", "too_young", "not_applicable"):
        await send(client, whole(views=left | {view_of: {"reason": reason}}))
    for wrong in ({"reason": "busy"}, {}, {"reason": "declined", "feedback": "V-1"}):
        refused = await client.post("/v1/audits", json=whole(views=left | {view_of: wrong}))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].startswith(f"/views/{view_of}")


async def test_R28_an_audit_names_a_strength_or_says_why_there_is_none(audit: Running) -> None:
    client = await audit.client("qa_manager")
    answer = await client.post("/v1/audits", json=whole(findings=[IMPROVEMENT]))
    assert _faults(answer) == {("/findings", "strength_missing")}
    reason = "The record was too thin to tell."
    found = await send(client, whole(findings=[IMPROVEMENT], no_strength_reason=reason))
    assert found["no_strength_reason"] == reason


@pytest.mark.parametrize(
    ("given", "slug", "pointer", "code"),
    [
        ({"safer": 6}, "answers-do-not-fit-tool", "/answers/safer", "not_on_scale"),
        ({"safer": True}, "answers-do-not-fit-tool", "/answers/safer", "not_on_scale"),
        ({"safer": "4"}, "answers-do-not-fit-tool", "/answers/safer", "not_on_scale"),
        ({"outcomes_overall": "splendid"}, "grade-off-scale", "/answers/outcomes_overall", "grade_off_scale"),
        ({"outcomes_overall": 3}, "answers-do-not-fit-tool", "/answers/outcomes_overall", "not_text"),
        ({"goals_met": "a_bit"}, "answers-do-not-fit-tool", "/answers/goals_met", "not_an_option"),
        ({"contingency": "maybe"}, "answers-do-not-fit-tool", "/answers/contingency", "not_yes_no_na"),
        ({"strengths": "x" * 4001}, "answers-do-not-fit-tool", "/answers/strengths", "text_length"),
        ({"strengths": "  "}, "answers-do-not-fit-tool", "/answers/strengths", "text_length"),
        ({"strengths": "a\u202eb"}, "answers-do-not-fit-tool", "/answers/strengths", "text_form"),
        ({"strengths": ["a"]}, "answers-do-not-fit-tool", "/answers/strengths", "not_text"),
        ({"Jo Example": "good"}, "question-unknown", "/answers", "unknown_question"),
    ],
)
async def test_answers_are_held_to_the_tool(
    audit: Running, given: dict[str, Any], slug: str, pointer: str, code: str
) -> None:
    client = await audit.client("qa_manager")
    answer = await client.post("/v1/audits", json=whole(answers=answers(**given)))
    assert (answer.status_code, _slug(answer)) == (422, slug)
    assert _faults(answer) == {(pointer, code)}
    assert "Jo Example" not in answer.text
    assert (await client.get("/v1/audits")).json()["items"] == []


async def test_a_question_that_was_not_asked_is_not_answered_and_one_that_was_is(audit: Running) -> None:
    client = await audit.client("qa_manager")
    extra = await client.post("/v1/audits", json=whole(answers=answers(goals_missed_why="The course began late.")))
    assert _faults(extra) == {("/answers/goals_missed_why", "not_asked")}
    lacking = await client.post("/v1/audits", json=whole(answers=answers(goals_met="none")))
    assert _faults(lacking) == {("/answers/goals_missed_why", "required")}
    await send(client, whole(answers=answers(goals_met="none", goals_missed_why="The course began late.")))


async def test_nobody_audits_the_own_team(audit: Running) -> None:
    client = await audit.client("qa_manager")
    answer = await client.post("/v1/audits", json=whole(auditor_unit="fs_weymouth"))
    assert (answer.status_code, _slug(answer)) == (409, "auditor-not-independent")
    own = await audit.client("auditor", unit="fs_weymouth")
    for body in (whole(), whole(auditor_unit=None)):
        answer = await own.post("/v1/audits", json=body)
        assert (answer.status_code, _slug(answer)) == (409, "auditor-not-independent")


@pytest.mark.parametrize(("unit", "code"), [(None, "required"), ("no_such_unit", "unknown_code")])
async def test_another_auditor_is_named_with_a_unit_that_is_there(audit: Running, unit: str | None, code: str) -> None:
    client = await audit.client("qa_manager")
    answer = await client.post("/v1/audits", json=whole(auditor="auditor-2", auditor_unit=unit))
    assert answer.status_code == 422, answer.text
    assert _faults(answer) == {("/auditor_unit", code)}
    assert (await client.get("/v1/audits")).json()["items"] == []


async def test_the_unit_of_an_auditor_who_calls_is_the_callers_own(audit: Running) -> None:
    own = await audit.client("auditor", unit="family_support")
    assert (await send(own, whole()))["auditor_unit"] == "family_support"
    answer = await own.post("/v1/audits", json=whole(auditor_unit="fs_weymouth"))
    assert (answer.status_code, _slug(answer)) == (409, "auditor-not-independent")


async def test_nobody_audits_the_own_case(audit: Running) -> None:
    client = await audit.client("qa_manager")
    people = [{"part": "case_worker", "level": "practitioner", "reference": "test-qa_manager"}]
    answer = await client.post("/v1/audits", json=whole(participants=people))
    assert (answer.status_code, _slug(answer)) == (409, "own-case")
    people[0]["reference"] = "worker-17"
    found = await send(client, whole(participants=people))
    assert found["participants"][0]["level"] == "practitioner"


async def test_a_slot_takes_one_audit_even_of_two_sent_at_once(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await make_round(client, "2026-11")
    sent = [client.post("/v1/audits", json=in_round("fs_chesil", "2026-11")) for _ in range(4)]
    results = await asyncio.gather(*sent)
    assert sorted(one.status_code for one in results) == [201, 409, 409, 409]
    assert {_slug(one) for one in results if one.status_code == 409} == {"slot-taken"}


async def test_R07_a_thematic_audit_says_what_set_it_off(audit: Running) -> None:
    client = await audit.client("qa_manager")
    bare = await client.post("/v1/audits", json=whole(audit_type="thematic"))
    assert (bare.status_code, _slug(bare)) == (409, "trigger-needed")
    review = await client.post("/v1/audits", json=whole(audit_type="thematic", trigger="serious_case_review"))
    assert _faults(review) == {("/trigger_reference", "required")}
    found = await send(
        client, whole(audit_type="thematic", trigger="serious_case_review", trigger_reference="SCR-2025-02")
    )
    assert (found["trigger"], found["trigger_reference"]) == ("serious_case_review", "SCR-2025-02")
    other = await client.post("/v1/audits", json=whole(audit_type="peer"))
    assert _slug(other) == "tool-of-other-type"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"unit": "nowhere"}, "/unit"),
        ({"tool": "nothing"}, "/tool"),
        ({"tool_version": 7}, "/tool_version"),
        ({"programme": "monthly_case_audit", "period": "2026-02"}, "/programme"),
        ({"slot": "0192f0c1-0000-7000-8000-000000000001"}, "/slot"),
        ({"findings": [STRENGTH | {"themes": ["no_such_theme"]}]}, "/findings/0/themes/0"),
        ({"participants": [{"part": "contributor", "level": "partner", "agency": "nobody"}]}, "/participants/0/agency"),
        ({"submitted_on": "2026-11-24"}, "/submitted_on"),
        ({"findings": [STRENGTH | {"title": "Ring 07700 900123"}]}, "/findings/0/title"),
    ],
)
async def test_what_a_body_names_must_exist(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    answer = await (await audit.client("qa_manager")).post("/v1/audits", json=whole(**changed))
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_the_unit_and_tool_of_a_slot_are_the_rounds(audit: Running) -> None:
    client = await audit.client("qa_manager")
    slot = (await make_round(client, "2026-11"))["slots"][0]
    body = whole(slot["unit"], slot=slot["id"])
    assert (await client.post("/v1/audits", json=body | {"unit": "sen_team"})).status_code == 422
    assert (await client.post("/v1/audits", json=body | {"tool": "minutes_sample"})).status_code == 422
    del body["unit"], body["tool"]
    assert (await send(client, body))["unit"] == slot["unit"]


async def test_an_earlier_day_is_recorded_by_those_who_manage_audits_only(audit: Running) -> None:
    body = whole(submitted_on="2026-10-05")
    refused = await (await audit.client("auditor")).post("/v1/audits", json=body)
    assert refused.status_code == 403
    found = await send(await audit.client("qa_manager"), body)
    assert found["submitted_on"] == "2026-10-05"
    assert found["submitted_at"].startswith("2026-11-23")


async def test_an_audit_for_another_auditor_is_filled_in_by_those_who_manage_audits_only(audit: Running) -> None:
    body = whole(auditor="auditor-2")
    refused = await (await audit.client("auditor")).post("/v1/audits", json=body)
    assert (refused.status_code, _slug(refused)) == (403, "not-the-auditor")
    assert (await send(await audit.client("qa_manager"), body))["auditor"] == "auditor-2"


async def test_the_same_request_sent_again_stores_one_audit(audit: Running) -> None:
    client = await audit.client("qa_manager")
    headers = {"Idempotency-Key": "one-audit"}
    first = await client.post("/v1/audits", json=whole(), headers=headers)
    again = await client.post("/v1/audits", json=whole(), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await client.post("/v1/audits", json=whole("fs_chesil"), headers=headers)
    assert other.status_code == 422
    assert len((await client.get("/v1/audits")).json()["items"]) == 1


async def test_another_systems_audit_is_stored_once_by_its_reference(audit: Running) -> None:
    client = await audit.client("qa_manager")
    assert (await send(client, whole(source_ref="MOD-1")))["source_ref"] == "MOD-1"
    again = await client.post("/v1/audits", json=whole(source_ref="MOD-1"))
    assert (again.status_code, _slug(again)) == (409, "audit-known")


async def test_an_audit_that_was_withdrawn_lets_go_of_its_reference(audit: Running) -> None:
    client = await audit.client("qa_manager")
    for _ in range(2):
        draft = await send(client, whole(source_ref="MOD-1", submit=False))
        await stepped(client, draft["id"], "withdrawals", {"reason": "It was begun for the wrong family."})
    for created in (1, 0):
        answer = await client.post("/v1/audits/imports", json={"items": [whole(source_ref="MOD-1")]})
        assert (answer.status_code, answer.json()["created"]) == (200, created), answer.text
    again = await client.post("/v1/audits", json=whole(source_ref="MOD-1"))
    assert (again.status_code, _slug(again)) == (409, "audit-known")


async def test_the_activity_tells_of_the_audit_without_its_words(audit: Running) -> None:
    await send(await audit.client("qa_manager"), whole())
    await audit.seal()
    admin = await audit.client("admin")
    (row,) = await activity_of(admin, "audit")
    assert (row["action"], row["unit"], row["actor"]) == ("audit.submitted", "fs_weymouth", "test-qa_manager")
    assert row["data"]["tool"] == "case_audit"
    assert "CMS-204417" not in str(row)
    assert "play" not in str(row)


async def test_identifiers_in_texts_are_pointed_at_or_refused_by_setting(start: Any) -> None:
    written = answers(improvements="Write to jo@example.org about it.")
    warned = await start("audit")
    found = await send(await warned.client("qa_manager"), whole(answers=written))
    assert found["warnings"] == [{"pointer": "/answers/improvements", "code": "email"}]
    strict = await start("audit", free_text_identifiers="refuse")
    answer = await (await strict.client("qa_manager")).post("/v1/audits", json=whole(answers=written))
    assert (answer.status_code, _faults(answer)) == (422, {("/answers/improvements", "identifier_email")})
    assert "jo@" not in answer.text
