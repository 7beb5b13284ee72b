"""Recording one view."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import View, ViewHistory, table_of
from services.feedback_api.views.schemas import ViewEdit, ViewIn

Make = Callable[..., dict[str, Any]]


async def activity_of(feedback: Any) -> list[dict[str, Any]]:
    await feedback.seal()
    client = await feedback.client("admin")
    items: list[dict[str, Any]] = (await client.get("/v1/activity?limit=500")).json()["items"]
    return [item for item in items if item["action"] != "framework.applied"]


async def count(feedback: Any, model: type[Any]) -> int:
    async with feedback.database.snapshot() as session:
        found: int = (await session.execute(sa.select(sa.func.count()).select_from(table_of(model)))).scalar_one()
    return found


async def test_R13_a_view_is_recorded_by_channel_and_respondent_group_and_read_back(
    feedback: Any, a_view: Make
) -> None:
    client = await feedback.client("practitioner", unit="fs_weymouth")
    sent = a_view(rating=4, age_band="10-15", what_works="She listens.", what_should_change="Fewer meetings.")
    answer = await client.post("/v1/views", json=sent)
    assert answer.status_code == 201
    view = answer.json()
    assert answer.headers["location"] == f"/v1/views/{view['id']}"
    assert answer.headers["etag"] == '"1"'
    assert sent.items() <= view.items()
    assert (await client.get(f"/v1/views/{view['id']}")).json() == view


@pytest.mark.parametrize(
    "channel", ["key_worker_assessment", "young_inspectors", "ehc_annual_review", "exit_interview"]
)
async def test_R13_R16_children_and_staff_are_heard_through_their_own_channels(
    feedback: Any, a_view: Make, channel: str
) -> None:
    client = await feedback.client("admin")
    assert (await client.post("/v1/views", json=a_view(channel=channel))).status_code == 201
    assert len((await client.get(f"/v1/views?channel={channel}")).json()["items"]) == 1


async def test_the_documented_examples_are_accepted(feedback: Any) -> None:
    client = await feedback.client("admin")
    for example in ViewIn.model_config["json_schema_extra"]["examples"]:  # type: ignore[index,call-overload]
        answer = await client.post("/v1/views", json=example)
        assert answer.status_code == 201
    for example in ViewEdit.model_config["json_schema_extra"]["examples"]:  # type: ignore[index,call-overload]
        path = f"/v1/views/{answer.json()['id']}"
        assert (await client.patch(path, json=example, headers={"If-Match": '"1"'})).status_code == 200


async def test_R15_a_view_is_linked_to_the_audit_it_was_given_in(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    audit = "0198c0de-0000-7000-8000-000000000001"
    link = {"kind": "audit", "ref": audit}
    sent = a_view(channel="case_audit", respondent_group="parent_carer", links=[link])
    view = (await client.post("/v1/views", json=sent)).json()
    await client.post("/v1/views", json=a_view(links=[{"kind": "review", "ref": audit}]))
    assert view["links"] == [link]
    found = (await client.get(f"/v1/views?audit={audit}")).json()["items"]
    assert [one["id"] for one in found] == [view["id"]]


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"channel": "carrier_pigeon"}, "/channel", "unknown_code"),
        ({"respondent_group": "nobody"}, "/respondent_group", "unknown_code"),
        ({"unit": "fs_nowhere"}, "/unit", "unknown_unit"),
        ({"themes": ["communication", "weather"]}, "/themes/1", "unknown_code"),
        ({"themes": ["communication", "communication"]}, "/themes", "value_error"),
        ({"given_on": "2026-11-24"}, "/given_on", "in_future"),
        ({"given_on": "2019-03-31"}, "/unit", "unknown_unit"),
        ({"rating": 6}, "/rating", "less_than_equal"),
        ({"rating": True}, "/rating", "int_type"),
        ({"rating": "4"}, "/rating", "int_type"),
        ({"sentiment": "happy"}, "/sentiment", "literal_error"),
        ({"consent": None}, "/consent", "literal_error"),
        ({"given_on": 20261014}, "/given_on", "value_error"),
        ({"what_works": ""}, "/what_works", "string_too_short"),
        ({"what_works": "x" * 4001}, "/what_works", "string_too_long"),
        ({"links": [{"kind": "audit", "ref": "A1"}, {"kind": "audit", "ref": "A1"}]}, "/links", "value_error"),
        ({"source_ref": "\u202ex"}, "/source_ref", "string_pattern_mismatch"),
        ({"ChildsName": "x"}, "", "extra_forbidden"),
    ],
)
async def test_what_cannot_be_is_pointed_at_and_not_stored(
    feedback: Any, a_view: Make, fields: dict[str, Any], pointer: str, code: str
) -> None:
    client = await feedback.client("admin")
    answer = await client.post("/v1/views", json=a_view(**fields))
    assert answer.status_code == 422
    assert (pointer, code) in {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}
    assert (await client.get("/v1/views")).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"null", b'{"channel": "a", "channel": "b"}', b'{"rating": NaN}', b'{"what_works": "\\u0000"}',
     b'{"what_works": "\\ud800"}', b"\xff", b"[" * 5000, b'{"rating": 1e999}'],
)  # fmt: skip
async def test_bad_bodies_are_refused_and_lists_still_answer(feedback: Any, raw: bytes) -> None:
    client = await feedback.client("admin")
    for path in ("/v1/views", "/v1/views/imports", "/v1/complaints", "/v1/compliments", "/v1/reconciliation",
                 "/v1/calculations/deadlines", "/v1/bank-holidays"):  # fmt: skip
        answer = await client.post(path, content=raw, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, path
    for path in ("/v1/views", "/v1/complaints", "/v1/compliments"):
        assert (await client.get(path)).status_code == 200


async def test_a_view_sent_again_by_its_source_changes_nothing(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("ingest_client")
    sent = a_view(source="case_management", source_ref="V-1", rating=3)
    answers = [await client.post("/v1/views", json=sent) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert answers[0].content == answers[2].content
    assert await count(feedback, View) == 1
    assert [deed["action"] for deed in await activity_of(feedback)] == ["view.recorded"]


async def test_a_view_its_source_changed_is_corrected_and_its_history_kept(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    sent = a_view(source_ref="V-1", rating=3, what_works="Calm.")
    await client.post("/v1/views", json=sent)
    answer = await client.post("/v1/views", json=sent | {"rating": 5, "links": [{"kind": "review", "ref": "R1"}]})
    assert (answer.status_code, answer.json()["version"], answer.json()["rating"]) == (200, 2, 5)
    async with feedback.database.snapshot() as session:
        (old,) = (await session.execute(sa.select(table_of(ViewHistory)))).all()
    assert (old.version, old.content["rating"], old.content["links"]) == (1, 3, [])
    assert old.content["what_works"] == "Calm."


async def test_only_its_sender_and_those_who_handle_complaints_may_correct_a_view_by_its_reference(
    feedback: Any, a_view: Make
) -> None:
    sent = a_view(source="case_management", source_ref="V-1", rating=3)
    sender = await feedback.client("ingest_client")
    assert (await sender.post("/v1/views", json=sent)).status_code == 201
    other = await feedback.client("practitioner", unit="fs_weymouth")
    for body in (sent | {"rating": 1}, sent):
        answer = await other.post("/v1/views", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/view-reference-in-use")
    report = (await other.post("/v1/views/imports?mode=partial", json={"items": [sent | {"rating": 1}]})).json()
    assert (report["corrected"], report["rows"][0]["errors"][0]["code"]) == (0, "in_use")
    assert (await sender.post("/v1/views", json=sent | {"rating": 4})).json()["version"] == 2
    manager = await feedback.client("complaints_manager")
    assert (await manager.post("/v1/views", json=sent | {"rating": 5})).json()["version"] == 3


async def test_a_correction_made_here_survives_the_same_export(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    sent = a_view(source_ref="V-1")
    view = (await client.post("/v1/views", json=sent)).json()
    edit = {"sentiment": "negative"}
    await client.patch(f"/v1/views/{view['id']}", json=edit, headers={"If-Match": '"1"'})
    again = await client.post("/v1/views", json=sent)
    assert (again.status_code, again.json()["sentiment"], again.json()["version"]) == (200, "negative", 2)


async def test_one_reference_sent_five_times_at_once_is_one_view(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    answers = await asyncio.gather(*(client.post("/v1/views", json=a_view(source_ref="V-9")) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_references_are_one_source_s_own(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    for source in ("one", "two"):
        assert (await client.post("/v1/views", json=a_view(source=source, source_ref="V-1"))).status_code == 201
    for _ in range(2):
        assert (await client.post("/v1/views", json=a_view())).status_code == 201
    assert await count(feedback, View) == 4


async def test_an_idempotency_key_replays_the_first_answer(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    headers = {"Idempotency-Key": "k1"}
    first, second = [await client.post("/v1/views", json=a_view(), headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    assert await count(feedback, View) == 1


async def test_an_identifier_in_a_child_s_words_is_warned_of_without_its_value(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    words = {"what_works": "Ring 07700 900123", "what_should_change": "NHS 943 476 5919, DT1 1XJ, a@b.example"}
    view = (await client.post("/v1/views", json=a_view(**words))).json()
    assert [(one["pointer"], one["code"]) for one in view["warnings"]] == [
        ("/what_works", "phone"),
        ("/what_should_change", "email"),
        ("/what_should_change", "nhs_number"),
        ("/what_should_change", "postcode"),
    ]
    assert all(set(one) == {"pointer", "code"} for one in view["warnings"])


async def test_identifiers_are_refused_where_the_council_says_so(start: Any, a_view: Make) -> None:
    feedback = await start("feedback", free_text_identifiers="refuse")
    client = await feedback.client("admin")
    answer = await client.post("/v1/views", json=a_view(what_works="Ring 07700 900123"))
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/what_works", "identifier_phone")]
    assert "07700" not in answer.text
    assert (await client.post("/v1/views", json=a_view(what_works="Calm."))).status_code == 201


async def test_words_that_speak_of_harm_are_stored_flagged_and_told_in_the_feed(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    view = (await client.post("/v1/views", json=a_view(what_should_change="He hits me at home"))).json()
    assert view["safeguarding_flag"] is True
    assert view["flag_reasons"] == ["hurt_by_someone"]
    flagged = (await client.get("/v1/views?flagged=true")).json()["items"]
    assert [one["id"] for one in flagged] == [view["id"]]
    deeds = await activity_of(feedback)
    assert [deed["action"] for deed in deeds] == ["safeguarding.flagged", "view.recorded"]
    told = deeds[0]["data"]
    assert (told["subject_kind"], told["subject_ref"], told["reasons"]) == ("view", view["id"], ["hurt_by_someone"])


async def test_a_flag_once_raised_is_not_lowered_by_rewording(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    view = (await client.post("/v1/views", json=a_view(what_works="I want to die"))).json()
    path = f"/v1/views/{view['id']}"
    after = await client.patch(path, json={"what_works": "Fine."}, headers={"If-Match": '"1"'})
    assert after.json()["safeguarding_flag"] is True
    after = await client.patch(path, json={"what_works": "he hits me"}, headers={"If-Match": '"2"'})
    assert after.json()["flag_reasons"] == ["self_harm", "hurt_by_someone"]


async def test_the_activity_log_holds_codes_and_no_word_of_anyone(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    canary = "zebracanary"
    sent = a_view(source_ref="V-1", what_works=canary, what_should_change=f"he hits me {canary}")
    view = (await client.post("/v1/views", json=sent)).json()
    edit = {"what_works": f"more {canary}", "reason": canary}
    await client.patch(f"/v1/views/{view['id']}", json=edit, headers={"If-Match": '"1"'})
    await client.post("/v1/views/imports", json={"items": [sent | {"source_ref": "V-2"}]})
    assert canary not in str(await activity_of(feedback))
