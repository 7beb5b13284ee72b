"""The commitments of the participation strategy, how they stand and what shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
TOLD = {"status": "on_track", "stood_on": "2026-10-30", "words": "Two channels are left."}
DOCUMENT = {"kind": "document", "ref": "CTB-2026-11"}
PATH = "/v1/strategy/commitments"


async def tell(client: Any, code: str, version: int, **fields: Any) -> Any:
    headers = {"If-Match": f'"{version}"'}
    return await client.put(f"{PATH}/{code}/status", json=TOLD | fields, headers=headers)


async def test_R12_every_commitment_stands_somewhere_and_the_overdue_ones_are_listed(feedback: Any) -> None:
    client = await feedback.client("analyst")
    rows = (await client.get(PATH)).json()["items"]
    assert len(rows) == 6
    assert {row["status"] for row in rows} == {"not_started"}
    assert [row["code"] for row in rows if row["overdue"]] == ["trust_board_told"], "due on 30 September"
    found = (await client.get("/v1/strategy/overview")).json()
    assert (found["commitments"], found["statuses"]["not_started"], len(found["never_told"])) == (6, 6, 6)
    assert [row["code"] for row in found["overdue"]] == ["trust_board_told"]
    assert found["fully_implemented"] is False
    for query, number in (("overdue=true", 1), ("overdue=false", 5), ("status=done", 0), ("owner_role=qa_manager", 1)):
        assert len((await client.get(f"{PATH}?{query}")).json()["items"]) == number


async def test_R12_nothing_is_done_without_evidence(feedback: Any) -> None:
    client = await feedback.client("qa_manager")
    refused = await tell(client, "trust_board_told", 0, status="done")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/commitment-evidence-missing")
    done = (await tell(client, "trust_board_told", 0, status="done", evidence=[DOCUMENT])).json()
    assert (done["status"], done["overdue"], done["evidence"]) == ("done", False, [DOCUMENT])
    found = (await client.get("/v1/strategy/overview")).json()
    assert (found["statuses"]["done"], found["done_with_evidence"], found["overdue"]) == (1, 1, [])


async def test_R12_each_status_told_is_kept_with_its_evidence(feedback: Any, an_activity: Make) -> None:
    client = await feedback.client("admin")
    activity = (await client.post("/v1/participation/activities", json=an_activity())).json()["id"]
    evidence = [
        {"kind": "activity", "ref": activity},
        {"kind": "view_summary", "ref": "FY2026-27-Q2"},
        DOCUMENT,
    ]
    assert (await tell(client, "different_methods", 0, status="at_risk")).status_code == 200
    assert (await tell(client, "different_methods", 1, evidence=evidence)).status_code == 200
    found = (await client.get(f"{PATH}/different_methods")).json()
    assert [(one["version"], one["status"]) for one in found["history"]] == [(2, "on_track"), (1, "at_risk")]
    assert (found["evidence"], found["version"], found["allowed_actions"]) == (evidence, 2, ["tell_status"])


async def test_R12_telling_that_it_is_on_track_does_not_undo_that_it_is_overdue(feedback: Any) -> None:
    client = await feedback.client("qa_manager")
    found = (await tell(client, "trust_board_told", 0)).json()
    assert (found["status"], found["overdue"]) == ("on_track", True)


async def test_a_stale_status_is_refused(feedback: Any) -> None:
    client = await feedback.client("qa_manager")
    assert (await client.get(f"{PATH}/told_back")).headers["etag"] == '"0"'
    assert (await tell(client, "told_back", 0)).status_code == 200
    assert (await tell(client, "told_back", 0)).status_code == 412
    assert (await client.put(f"{PATH}/told_back/status", json=TOLD)).status_code == 428
    assert (await tell(client, "no_such_promise", 0)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"stood_on": "2026-11-24"}, "/stood_on"), ({"words": ""}, "/words"), ({"status": "fine"}, "/status"),
     ({"evidence": [{"kind": "activity", "ref": "x"}]}, "/evidence/0/ref"),
     ({"evidence": [DOCUMENT, {"kind": "view_summary", "ref": "2026-13"}]}, "/evidence/1/ref"),
     ({"evidence": [{"kind": "challenge", "ref": "019d0000-0000-7000-8000-000000000000"}]}, "/evidence/0/ref"),
     ({"evidence": [DOCUMENT, DOCUMENT]}, "")],
)  # fmt: skip
async def test_what_cannot_be_is_pointed_at(feedback: Any, fields: dict[str, Any], pointer: str) -> None:
    answer = await tell(await feedback.client("qa_manager"), "told_back", 0, **fields)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_status_goes_forward_in_time_and_a_withdrawn_activity_shows_nothing(
    feedback: Any, an_activity: Make
) -> None:
    client = await feedback.client("admin")
    await tell(client, "told_back", 0)
    assert (await tell(client, "told_back", 1, stood_on="2026-10-29")).status_code == 422
    made = (await client.post("/v1/participation/activities", json=an_activity())).json()
    path = f"/v1/participation/activities/{made['id']}/withdrawal"
    await client.put(path, json={"reason": "Recorded twice."}, headers={"If-Match": '"1"'})
    refused = await tell(client, "told_back", 1, evidence=[{"kind": "activity", "ref": made["id"]}])
    assert refused.status_code == 422


async def test_a_caller_tied_to_a_unit_tells_only_of_that_units_commitments(feedback: Any) -> None:
    client = await feedback.client("qa_manager", unit="fs_weymouth")
    assert (await client.get(f"{PATH}/told_back")).json()["allowed_actions"] == []
    refused = await tell(client, "told_back", 0)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-their-commitment")
    admin = await feedback.client("admin")
    content = (await admin.get("/v1/framework/participation_commitments/told_back")).json()["content"]
    item = {
        "kind": "participation_commitments",
        "code": "told_back",
        "content": content | {"owner_unit": "fs_weymouth"},
    }
    assert (await admin.post("/v1/framework/applications", json={"items": [item]})).status_code == 200
    assert (await tell(client, "told_back", 0)).status_code == 200
