"""An immediate safeguarding concern is escalated as soon as it is saved, once, and somebody is named to call."""

from __future__ import annotations

from typing import Any

import httpx

from tests.audit_api.papers import IMPROVEMENT, STRENGTH, activity_of, send, whole
from tests.conftest import Running

CONCERN: dict[str, Any] = {
    "kind": "concern",
    "domain": "quality_of_intervention",
    "title": "An injury that nobody has explained",
    "immediate_concern": True,
}


async def _save(client: httpx.AsyncClient, held: dict[str, Any], *findings: dict[str, Any]) -> dict[str, Any]:
    headers = {"If-Match": f'"{held["version"]}"'}
    body = {"findings": list(findings)}
    answer = await client.put(f"/v1/audits/{held['id']}/answers", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_immediate_concern_is_escalated_with_the_audit_that_holds_it(audit: Running) -> None:
    client = await audit.client("auditor")
    made = await send(client, whole(findings=[STRENGTH, CONCERN]))
    (called,) = made["escalations"]
    assert (called["role"], called["status"], called["level"]) == ("qa_manager", "open", 1)
    assert called["call"].startswith("The duty QA and Safeguarding Manager")
    assert [one["escalation"] for one in made["findings"]] == [None, called["id"]]
    await audit.seal()
    (raised,) = await activity_of(await audit.client("admin"), "escalation")
    assert (raised["action"], raised["subject_id"], raised["unit"]) == (
        "escalation.raised", called["id"], "fs_weymouth",
    )  # fmt: skip
    assert raised["data"]["role"] == "qa_manager" and raised["data"]["immediate"] is True


async def test_a_draft_saved_again_or_reworded_raises_no_second_escalation(audit: Running) -> None:
    client = await audit.client("auditor")
    held = await send(client, whole(submit=False, findings=[STRENGTH]))
    assert held["escalations"] == []
    first = await _save(client, held, STRENGTH, CONCERN)
    (called,) = first["escalations"]
    again = await _save(client, first, STRENGTH, IMPROVEMENT, CONCERN)
    assert [one["id"] for one in again["escalations"]] == [called["id"]]
    reworded = await _save(client, again, STRENGTH, IMPROVEMENT, CONCERN | {"title": "Two injuries nobody explained"})
    assert [one["id"] for one in reworded["escalations"]] == [called["id"]]
    await audit.seal()
    deeds = [one["action"] for one in await activity_of(await audit.client("admin"), "escalation")]
    assert deeds == ["escalation.raised", "escalation.reworded"]


async def test_a_second_concern_and_one_in_the_place_of_a_removed_one_are_raised(audit: Running) -> None:
    client = await audit.client("auditor")
    other = CONCERN | {"title": "Medicines within a child's reach"}
    first = await _save(client, await send(client, whole(submit=False, findings=[STRENGTH])), CONCERN)
    both = await _save(client, first, CONCERN, other)
    assert len({one["id"] for one in both["escalations"]}) == 2
    none = await _save(client, both)
    assert none["escalations"] == []
    third = await _save(client, none, CONCERN | {"title": "A child left alone at night"})
    assert third["escalations"][0]["id"] not in {one["id"] for one in both["escalations"]}
    # Put back as it was, it is the same concern.
    back = await _save(client, third, CONCERN)
    assert back["escalations"][0]["id"] == first["escalations"][0]["id"]


async def test_only_a_concern_is_immediate(audit: Running) -> None:
    client = await audit.client("auditor")
    body = whole(findings=[STRENGTH | {"immediate_concern": True}])
    answer = await client.post("/v1/audits", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/findings/0")


async def test_without_a_policy_nobody_believes_that_somebody_was_called(audit: Running) -> None:
    admin = await audit.client("admin")
    policy = {"kind": "escalation_policies", "code": "practice_concern"}
    held = (await admin.get("/v1/framework/escalation_policies/practice_concern")).json()
    body = {"items": [policy | {"content": held["content"]}], "retire_missing": True}
    applied = await admin.post("/v1/framework/applications", json=body)
    assert applied.status_code in (200, 201), applied.text
    client = await audit.client("auditor")
    answer = await client.post("/v1/audits", json=whole(findings=[STRENGTH, CONCERN]))
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/nobody-to-call")
    assert (await client.get("/v1/audits")).json()["items"] == []
