"""Learning shared across agencies, and what units made of it (R62)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import LearningEvaluationHistory, table_of

Make = Callable[..., dict[str, Any]]
FEED = "/v1/shared-learning"
ENDED = {"stage": "stage_1", "started_on": "2026-10-05", "ended_on": "2026-10-19", "outcome": "upheld"}
POLICE = {
    "agency": "dorset_police", "source_ref": "LRN-2026-04", "learned_on": "2026-09-30", "themes": ["communication"],
    "learning": "Families were not told when a discussion had ended.",
}  # fmt: skip


@pytest.fixture
def a_lesson(a_complaint: Make) -> Make:
    def make(ref: str, words: str | None, **fields: Any) -> dict[str, Any]:
        learned = {"learning": "Internal words.", "improvement": "Internal too.", "shared_learning": words}
        return a_complaint(respond_ref=ref, received_on="2026-10-05", stages=[ENDED]) | learned | fields

    return make


async def feed(feedback: Any, query: str = "", role: str = "practitioner", unit: str | None = None) -> Any:
    answer = await (await feedback.client(role, unit=unit)).get(f"{FEED}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_R62_approved_learning_of_complaints_and_of_agencies_is_one_feed(
    feedback: Any, a_lesson: Make, approve_learning: Any
) -> None:
    client = await feedback.client("complaints_manager")
    await client.post("/v1/complaints", json=a_lesson("A", "Say who will ring.", agency="dorset_police"))
    await client.post("/v1/complaints", json=a_lesson("B", None))
    assert (await feed(feedback))["items"] == [], "nobody has approved it yet"
    await approve_learning()
    feedback.clock.advance(timedelta(minutes=1))
    shared = await client.post(FEED, json=POLICE)
    assert (shared.status_code, shared.json()["agency_title"] is not None) == (201, True)
    feedback.clock.advance(timedelta(minutes=1))
    await client.post("/v1/complaints", json=a_lesson("C", "Letters name the worker.", themes=["planning"]))
    await approve_learning()
    found = (await feed(feedback))["items"]
    assert [(one["origin"], one["agency"], one["learning"]) for one in found] == [
        ("complaint", "dorset_police", "Say who will ring."),
        ("agency", "dorset_police", POLICE["learning"]),
        ("complaint", None, "Letters name the worker."),
    ]
    assert "Internal" not in str(found) and "respond_ref" not in str(found) and "fs_weymouth" not in str(found)
    assert len((await feed(feedback, "?agency=dorset_police"))["items"]) == 2
    assert len((await feed(feedback, "?theme=planning"))["items"]) == 1
    assert len((await feed(feedback, "?origin=agency"))["items"]) == 1


async def test_R62_whoever_asks_after_the_last_page_gets_what_was_shared_or_changed_since(
    feedback: Any, a_lesson: Make, approve_learning: Any
) -> None:
    client = await feedback.client("complaints_manager")
    for n in range(3):
        await client.post("/v1/complaints", json=a_lesson(f"R-{n}", f"Lesson {n}."))
        await approve_learning()
        feedback.clock.advance(timedelta(minutes=1))
    first = await feed(feedback, "?limit=2")
    assert [one["learning"] for one in first["items"]] == ["Lesson 0.", "Lesson 1."]
    headers = {"If-Match": '"1"'}
    await client.patch("/v1/complaints/R-0", json={"shared_learning": "Lesson 0, better put."}, headers=headers)
    assert "Lesson 0." not in str(await feed(feedback)), "words that were changed are approved no more"
    await approve_learning()
    second = await feed(feedback, f"?after={first['next']}")
    assert [one["learning"] for one in second["items"]] == ["Lesson 2.", "Lesson 0, better put."]


async def test_R62_units_take_note_and_evaluate_and_what_they_said_is_kept(feedback: Any) -> None:
    council = await feedback.client("complaints_manager")
    path = (await council.post(FEED, json=POLICE)).headers["location"]
    manager = await feedback.client("team_manager", unit="fs_weymouth", subject="m.weymouth")
    noted = await manager.put(f"{path}/evaluations/fs_weymouth", json={})
    assert (noted.status_code, noted.json()["state"], noted.json()["evaluated_by"]) == (
        201, "acknowledged", "m.weymouth",
    )  # fmt: skip
    assert [one["id"] for one in (await feed(feedback, "?not_evaluated_by=cwd_east"))["items"]] == [path[-36:]]
    assert (await feed(feedback, "?not_evaluated_by=fs_weymouth"))["items"] == []
    done = {"relevant": True, "what_we_did": "The duty desk rings the same day."}
    assert (await manager.put(f"{path}/evaluations/fs_weymouth", json=done)).status_code == 428
    changed = await manager.put(f"{path}/evaluations/fs_weymouth", json=done, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["state"]) == (200, '"2"', "evaluated")
    same = await manager.put(f"{path}/evaluations/fs_weymouth", json=done, headers={"If-Match": '"2"'})
    assert same.json()["version"] == 2
    await council.put(f"{path}/evaluations/cwd_east", json={"relevant": False})
    whole = (await council.get(path)).json()
    assert (whole["acknowledged"], whole["evaluated"], whole["relevant"]) == (2, 2, 1)
    assert [(one["unit"], one["relevant"]) for one in whole["evaluations"]] == [
        ("cwd_east", False),
        ("fs_weymouth", True),
    ]
    own = (await manager.get(path)).json()
    assert (own["acknowledged"], [one["unit"] for one in own["evaluations"]]) == (1, ["fs_weymouth"])
    async with feedback.database.snapshot() as session:
        (kept,) = (await session.execute(sa.select(table_of(LearningEvaluationHistory)))).all()
    assert (kept.version, kept.content["relevant"]) == (1, None)
    await feedback.seal()
    deeds = (await (await feedback.client("admin")).get("/v1/activity?subject_type=shared_learning")).json()["items"]
    assert [deed["action"] for deed in deeds] == ["learning.shared"] + ["learning.evaluated"] * 3
    assert "duty desk" not in str(deeds)


async def test_the_same_learning_again_changes_nothing_and_other_words_need_another_reference(feedback: Any) -> None:
    client = await feedback.client("complaints_manager")
    first = await client.post(FEED, json=POLICE)
    again = await client.post(FEED, json=POLICE)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    other = await client.post(FEED, json=POLICE | {"learning": "Other words."})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/learning-reference-in-use")


async def test_learning_that_was_withdrawn_is_gone_from_the_feed(feedback: Any) -> None:
    client = await feedback.client("complaints_manager")
    path = (await client.post(FEED, json=POLICE)).headers["location"]
    assert (await client.post(f"{path}/withdrawal", json={"reason": "Shared twice."})).status_code == 204
    again = await client.post(f"{path}/withdrawal", json={"reason": "Shared twice."})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/learning-withdrawn")
    assert (await feed(feedback))["items"] == []
    assert (await client.get(path)).status_code == 404
    assert (await client.put(f"{path}/evaluations/cwd_east", json={})).status_code == 404
    assert (await client.post(FEED, json=POLICE)).status_code == 409


@pytest.mark.parametrize(
    "fields",
    [
        {"agency": "nobody"}, {"themes": ["nothing"]}, {"themes": ["communication"] * 2}, {"learned_on": "2026-11-24"},
        {"learning": ""}, {"source_ref": "  "}, {"unit": "fs_weymouth"},
    ],
)  # fmt: skip
async def test_learning_that_cannot_be_is_refused(feedback: Any, fields: dict[str, Any]) -> None:
    assert (await (await feedback.client("admin")).post(FEED, json=POLICE | fields)).status_code == 422


async def test_an_evaluation_says_what_was_done_and_stays_in_its_unit(feedback: Any) -> None:
    council = await feedback.client("complaints_manager")
    path = (await council.post(FEED, json=POLICE)).headers["location"]
    for body in ({"relevant": True}, {"what_we_did": "x"}, {"relevant": "yes"}, {"state": "evaluated"}):
        assert (await council.put(f"{path}/evaluations/cwd_east", json=body)).status_code == 422
    elsewhere = await feedback.client("team_manager", unit="fs_weymouth")
    for unit in ("cwd_east", "nowhere"):
        assert (await elsewhere.put(f"{path}/evaluations/{unit}", json={})).status_code == 404
    assert (await council.put(f"{path}/evaluations/nowhere", json={})).status_code == 404
    unknown = f"{FEED}/01a22183-021f-702b-83e5-eb481be0783d"
    assert (await council.put(f"{unknown}/evaluations/cwd_east", json={})).status_code == 404
    for role in ("practitioner", "analyst", "board_reader", "ingest_client"):
        client = await feedback.client(role)
        assert (await client.put(f"{path}/evaluations/cwd_east", json={})).status_code == 403, role
        assert (await client.post(FEED, json=POLICE)).status_code == 403, role
