"""Steps of actions that several tests take."""

from __future__ import annotations

from typing import Any

import httpx

from tests.conftest import Running

ACTION: dict[str, Any] = {
    "unit": "fs_weymouth",
    "title": "Hold reviews within their time limits",
    "body": "dscb_qa",
    "owner": {"role": "team_manager", "post": "Family Support Manager, Weymouth"},
    "due_on": "2026-12-18",
    "evidence": [{"kind": "indicator", "ref": "protection_reviews_in_time"}],
}
IMPACT = {"impact": "positive", "evidence": [{"kind": "indicator", "ref": "protection_reviews_in_time"}]}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def raise_action(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    answer = await client.post("/v1/actions", json=ACTION | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def verified(audit: Running, **changed: Any) -> dict[str, Any]:
    """An action that its owner completed and another person verified, at version 3."""
    client = await audit.client("qa_manager")
    action = (await raise_action(client, owner={"subject": "test-qa_manager"}, **changed))["id"]
    await step(client, action, "completions", {}, 1)
    other = await audit.client("head_of_service")
    answer = await step(other, action, "verifications", {"verdict": "accepted"}, 2)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def step(client: httpx.AsyncClient, action: str, step: str, body: Any, version: int) -> httpx.Response:
    headers = {"If-Match": f'"{version}"'}
    method = "PUT" if step in ("due-date", "owner") else "POST"
    return await client.request(method, f"/v1/actions/{action}/{step}", json=body, headers=headers)


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/actions", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found
