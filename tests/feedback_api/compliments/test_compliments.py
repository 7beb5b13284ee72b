"""Compliments from the complaints system."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.compliments.schemas import ComplimentIn
from services.feedback_api.models import ComplimentHistory, table_of
from shared.tables import read_log

Make = Callable[..., dict[str, Any]]


async def test_R59_a_compliment_is_recorded_by_its_reference_and_sent_again_changes_nothing(
    feedback: Any, a_compliment: Make
) -> None:
    client = await feedback.client("complaints_manager")
    sent = a_compliment(words="You gave us confidence.", themes=["quality_of_service"], agency="dorset_police")
    answers = [await client.post("/v1/compliments", json=sent) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert answers[0].content == answers[2].content
    found = await client.get("/v1/compliments/CPL-2026-0051")
    assert found.json() == answers[0].json()
    assert sent.items() <= found.json().items()
    (row,) = (await client.get("/v1/compliments?unit=specialist_teaching&theme=quality_of_service")).json()["items"]
    assert "words" not in row


async def test_the_documented_example_is_accepted(feedback: Any) -> None:
    client = await feedback.client("admin")
    (example,) = ComplimentIn.model_config["json_schema_extra"]["examples"]  # type: ignore[index,call-overload,misc]
    assert (await client.post("/v1/compliments", json=example)).status_code == 201


async def test_one_compliment_sent_five_times_at_once_is_one(feedback: Any, a_compliment: Make) -> None:
    client = await feedback.client("ingest_client")
    answers = await asyncio.gather(*(client.post("/v1/compliments", json=a_compliment()) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]


async def test_a_changed_compliment_is_corrected_and_what_it_said_is_kept(feedback: Any, a_compliment: Make) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/compliments", json=a_compliment(words="Good."))
    after = (await client.post("/v1/compliments", json=a_compliment(unit="vision_support"))).json()
    assert (after["version"], after["unit"], after["words"]) == (2, "vision_support", "Good.")
    async with feedback.database.snapshot() as session:
        (old,) = (await session.execute(sa.select(table_of(ComplimentHistory)))).all()
    assert (old.version, old.content["unit"]) == (1, "hearing_support")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"unit": "nowhere"}, "/unit"), ({"received_on": "2026-11-24"}, "/received_on"), ({"agency": "x"}, "/agency"),
     ({"themes": ["a"]}, "/themes/0"), ({"words": ""}, "/words"), ({"respondent_group": "x"}, "/respondent_group"),
     ({"respond_ref": "a b"}, "/respond_ref"), ({"from_whom": "x"}, "")],
)  # fmt: skip
async def test_what_cannot_be_is_pointed_at(
    feedback: Any, a_compliment: Make, fields: dict[str, Any], pointer: str
) -> None:
    client = await feedback.client("admin")
    answer = await client.post("/v1/compliments", json=a_compliment(**fields))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_who_may_read_correct_and_see_the_words(feedback: Any, a_compliment: Make) -> None:
    sender = await feedback.client("ingest_client")
    sent = (await sender.post("/v1/compliments", json=a_compliment(words="Good."))).json()
    assert (sent["words"], sent["words_withheld"]) == (None, True)
    path = "/v1/compliments/CPL-2026-0051"
    assert (await sender.get(path)).status_code == 403
    reader = await feedback.client("analyst")
    read = await reader.get(path)
    assert read.json()["words"] == "Good."
    assert (await reader.get(path, headers={"If-None-Match": read.headers["etag"]})).status_code == 304
    assert (await reader.post("/v1/compliments", json=a_compliment())).status_code == 403
    other = await feedback.client("practitioner")
    refused = await other.post("/v1/compliments", json=a_compliment(words="Bad."))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/compliment-reference-in-use")
    elsewhere = await feedback.client("complaints_manager", unit="fs_weymouth")
    assert (await elsewhere.get(path)).status_code == 404
    assert (await elsewhere.get("/v1/compliments")).json()["items"] == []
    async with feedback.database.snapshot() as session:
        reads = (await session.execute(sa.select(read_log.c.operation))).scalars().all()
    assert reads == ["get_compliment"] * 2


async def test_single_compliments_of_the_whole_council_are_not_for_those_who_see_protected_figures(
    feedback: Any, a_compliment: Make
) -> None:
    await (await feedback.client("admin")).post("/v1/compliments", json=a_compliment())
    reader = await feedback.client("practitioner")
    for path in ("/v1/compliments", "/v1/compliments/CPL-2026-0051"):
        refused = await reader.get(path)
        assert (refused.status_code, refused.json()["needed_scope"]) == (403, "feedback:figures")
    team = await feedback.client("practitioner", unit="hearing_support")
    assert len((await team.get("/v1/compliments")).json()["items"]) == 1


async def test_the_log_holds_no_word_of_a_compliment(feedback: Any, a_compliment: Make) -> None:
    client = await feedback.client("admin")
    for words in ("zebracanary", "zebracanary again"):
        await client.post("/v1/compliments", json=a_compliment(words=words))
    await feedback.seal()
    deeds = (await client.get("/v1/activity")).json()["items"][1:]
    assert [deed["action"] for deed in deeds] == ["compliment.recorded", "compliment.corrected"]
    assert "zebracanary" not in str(deeds)


async def test_R59_two_references_of_one_compliment_become_one_and_apart_again(
    feedback: Any, a_compliment: Make
) -> None:
    client = await feedback.client("complaints_manager")
    for ref in ("CPL-1", "CPL-2", "CPL-3"):
        await client.post("/v1/compliments", json=a_compliment(respond_ref=ref))

    async def do(ref: str, what: str, other: str, version: int) -> Any:
        body = {"respond_ref": other, "reason": "Keyed in twice."}
        return await client.post(f"/v1/compliments/{ref}/{what}", json=body, headers={"If-Match": f'"{version}"'})

    merged = await do("CPL-1", "merges", "CPL-2", 1)
    assert (merged.status_code, merged.json()["references"]) == (200, ["CPL-1", "CPL-2"])
    led = await client.get("/v1/compliments/CPL-2")
    assert (led.status_code, led.headers["location"]) == (303, "/v1/compliments/CPL-1")
    again = await client.post("/v1/compliments", json=a_compliment(respond_ref="CPL-2"))
    assert (again.status_code, again.json()["respond_ref"]) == (200, "CPL-1")
    assert len((await client.get("/v1/compliments")).json()["items"]) == 2
    assert (await client.get("/v1/summary?period=2026-10")).json()["compliments"] == 2
    for ref, what, other, version, problem in (
        ("CPL-1", "merges", "CPL-1", 2, "compliment-merge-refused"),
        ("CPL-3", "merges", "CPL-1", 1, "compliment-merge-refused"),
        ("CPL-3", "merges", "CPL-2", 1, "compliment-merged"),
        ("CPL-2", "merges", "CPL-3", 2, "compliment-merged"),
        ("CPL-1", "separations", "CPL-3", 2, "compliment-not-merged-here"),
    ):
        refused = await do(ref, what, other, version)
        assert (refused.status_code, refused.json()["type"]) == (409, f"/problems/{problem}")
    apart = await do("CPL-1", "separations", "CPL-2", 2)
    assert (apart.json()["references"], apart.json()["version"]) == (["CPL-1"], 3)
    history = (await client.get("/v1/compliments/CPL-2/history")).json()["items"]
    assert [(one["version"], one["changed"]) for one in history] == [
        (3, ["merged_into"]),
        (2, ["merged_into"]),
        (1, []),
    ]
    elsewhere = await feedback.client("complaints_manager", unit="cwd_east")
    assert (await elsewhere.get("/v1/compliments/CPL-2/history")).status_code == 404
    practitioner = await feedback.client("practitioner")
    body = {"respond_ref": "CPL-2", "reason": "x"}
    refused = await practitioner.post("/v1/compliments/CPL-1/merges", json=body, headers={"If-Match": '"3"'})
    assert refused.status_code == 403
