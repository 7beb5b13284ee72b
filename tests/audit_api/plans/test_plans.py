"""Plans: key actions few in number and evidence based, and how far they have come."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import sqlalchemy as sa

from tests.audit_api.actions.steps import raise_action, slug
from tests.conftest import Running

PLAN: dict[str, Any] = {"title": "Key actions ahead", "unit": "family_support", "body": "csdg", "period": "FY2027-28"}


async def _plan(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    answer = await client.post("/v1/plans", json=PLAN | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _add(client: httpx.AsyncClient, plan: str, action: str, version: int) -> httpx.Response:
    headers = {"If-Match": f'"{version}"'}
    return await client.post(f"/v1/plans/{plan}/key-actions", json={"action": action}, headers=headers)


async def test_R44_a_plan_refuses_more_key_actions_than_it_declares(audit: Running) -> None:
    client = await audit.client("qa_manager")
    plan = await _plan(client)
    assert (plan["max_key_actions"], plan["status"]) == (5, "empty")
    actions = [(await raise_action(client))["id"] for _ in range(6)]
    for version, action in enumerate(actions[:5], 1):
        added = await _add(client, plan["id"], action, version)
        assert added.status_code == 201, added.text
    assert added.json()["allowed_actions"] == ["edit", "remove_key_action"]
    full = await _add(client, plan["id"], actions[5], 6)
    assert (full.status_code, slug(full)) == (409, "too-many-key-actions")
    path, seen = f"/v1/plans/{plan['id']}", {"If-Match": '"6"'}
    lower = await client.put(path, json={"title": "Fewer", "max_key_actions": 4}, headers=seen)
    assert (lower.status_code, slug(lower)) == (409, "too-many-key-actions")
    removed = await client.delete(f"{path}/key-actions/{actions[0]}", headers=seen)
    assert (removed.status_code, removed.json()["progress"]["key_actions"]) == (200, 4)
    assert (await _add(client, plan["id"], actions[5], 7)).status_code == 201
    assert (await client.delete(f"{path}/key-actions/{actions[0]}", headers={"If-Match": '"8"'})).status_code == 404


async def test_R44_of_two_that_add_the_last_key_action_at_once_one_is_stale(audit: Running) -> None:
    client = await audit.client("qa_manager")
    plan = await _plan(client, max_key_actions=1)
    actions = [(await raise_action(client))["id"] for _ in range(2)]
    answers = await asyncio.gather(*(_add(client, plan["id"], action, 1) for action in actions))
    assert sorted(one.status_code for one in answers) == [201, 412]


async def test_R44_a_key_action_rests_on_evidence(audit: Running) -> None:
    client = await audit.client("qa_manager")
    plan, action = await _plan(client), (await raise_action(client))["id"]
    async with audit.database.transaction() as session:
        await session.execute(sa.text("DELETE FROM action_evidence"))
    bare = await _add(client, plan["id"], action, 1)
    assert (bare.status_code, slug(bare)) == (409, "key-action-without-evidence")


async def test_a_key_action_is_of_the_plans_unit_and_still_to_be_done(audit: Running) -> None:
    client = await audit.client("qa_manager")
    plan = await _plan(client)
    elsewhere = (await raise_action(client, unit="fostering"))["id"]
    refused = await _add(client, plan["id"], elsewhere, 1)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/action")
    action = (await raise_action(client))["id"]
    off = {"reason": "Not needed."}
    await client.post(f"/v1/actions/{action}/cancellations", json=off, headers={"If-Match": '"1"'})
    ended = await _add(client, plan["id"], action, 1)
    assert (ended.status_code, slug(ended)) == (409, "key-action-ended")


async def test_a_plan_says_how_far_its_key_actions_have_come(audit: Running) -> None:
    client = await audit.client("qa_manager")
    plan = (await _plan(client))["id"]
    late = (await raise_action(client, due_on="2026-11-20"))["id"]
    ahead = (await raise_action(client, due_on="2027-05-01"))["id"]
    await _add(client, plan, late, 1)
    found = (await _add(client, plan, ahead, 2)).json()
    assert (found["status"], found["progress"]["open"], found["progress"]["overdue"]) == ("overdue", 2, 1)
    assert [(one["id"], one["overdue"], one["evidence"]) for one in found["key_actions"]] == [
        (late, True, 1),
        (ahead, False, 1),
    ]
    off = {"reason": "Not needed."}
    await client.post(f"/v1/actions/{late}/cancellations", json=off, headers={"If-Match": '"1"'})
    (row,) = (await client.get("/v1/plans", params={"body": "csdg", "unit": "family_support"})).json()["items"]
    assert (row["status"], row["progress"]["key_actions"], row["progress"]["cancelled"]) == ("under_way", 1, 1)
    assert (await client.get("/v1/plans", params={"period": "FY2026-27"})).json()["items"] == []


async def test_a_plan_is_made_by_who_manages_and_seen_by_its_unit_and_those_above(audit: Running) -> None:
    plan = await _plan(await audit.client("qa_manager"))
    assert (await (await audit.client("head_of_service")).post("/v1/plans", json=PLAN)).status_code == 403
    head = await audit.client("head_of_service", unit="family_support")
    found = (await head.get(f"/v1/plans/{plan['id']}")).json()
    assert found["allowed_actions"] == []
    elsewhere = await audit.client("head_of_service", unit="fostering")
    assert (await elsewhere.get(f"/v1/plans/{plan['id']}")).status_code == 404
