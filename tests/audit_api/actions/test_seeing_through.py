"""Actions after they are raised: verified by another person, cancelled, handed on, followed and looked at again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit_api.actions.steps import ACTION, IMPACT, listed, raise_action, slug, step, verified
from tests.audit_api.papers import IMPROVEMENT, STRENGTH, send, whole
from tests.conftest import Running


async def test_R05_nobody_verifies_the_own_completion(audit: Running) -> None:
    client = await audit.client("qa_manager")
    action = (await raise_action(client, owner={"subject": "test-qa_manager"}))["id"]
    early = await step(client, action, "verifications", {"verdict": "accepted"}, 1)
    assert (early.status_code, slug(early)) == (409, "action-not-completed")
    done = await step(client, action, "completions", {}, 1)
    assert "verify" not in done.json()["allowed_actions"]
    own = await step(client, action, "verifications", {"verdict": "accepted"}, 2)
    assert (own.status_code, slug(own)) == (409, "verified-by-another")
    other = await audit.client("head_of_service")
    seen = await step(other, action, "verifications", {"verdict": "accepted"}, 2)
    assert (seen.json()["status"], seen.json()["verified_on"]) == ("verified", "2026-11-23")
    assert slug(await step(other, action, "verifications", {"verdict": "accepted"}, 3)) == "action-verified"


async def test_R42_an_action_sent_back_is_open_and_overdue_again(audit: Running) -> None:
    client = await audit.client("qa_manager")
    action = (await raise_action(client, owner={"subject": "test-qa_manager"}, due_on="2026-11-20"))["id"]
    await step(client, action, "completions", {"note": "Done."}, 1)
    assert await listed(client, status="overdue") == []
    other = await audit.client("head_of_service")
    assert (await step(other, action, "verifications", {"verdict": "sent_back"}, 2)).status_code == 422
    reason = {"verdict": "sent_back", "reason": "Two reviews are still without a date."}
    back = (await step(other, action, "verifications", reason, 2)).json()
    assert (back["status"], back["completed_on"], back["overdue"]) == ("open", None, True)
    assert [(one["verdict"], one["completed_by"]) for one in back["verifications"]] == [
        ("sent_back", "test-qa_manager")
    ]
    assert [one["id"] for one in await listed(client, status="overdue")] == [action]


async def test_R42_each_body_sees_what_it_waits_for_and_since_when(audit: Running) -> None:
    client = await audit.client("qa_manager")
    oldest = (await raise_action(client, due_on="2026-10-01"))["id"]
    await raise_action(client, due_on="2026-11-20")
    await raise_action(client, due_on="2026-11-22", body="csdg")
    await raise_action(client, due_on="2026-11-10", body=None)
    await raise_action(client, due_on="2026-12-01", body="csdg")
    await step(client, oldest, "due-date", {"due_on": "2027-03-01", "reason": "Moved."}, 1)
    found = (await client.get("/v1/actions/overdue-by-body")).json()
    assert (found["as_at"], found["overdue"]) == ("2026-11-23", 4)
    lines = [(one["body"], one["overdue"], one["redated_past_today"], one["days_overdue"]) for one in found["bodies"]]
    assert lines == [("dscb_qa", 2, 1, 53), (None, 1, 0, 13), ("csdg", 1, 0, 1)]
    assert found["bodies"][0]["oldest"] == oldest
    elsewhere = await audit.client("team_manager", unit="fs_portland")
    assert (await elsewhere.get("/v1/actions/overdue-by-body")).json()["bodies"] == []


async def test_an_action_is_cancelled_with_a_reason_by_an_approver_who_is_not_its_owner(audit: Running) -> None:
    client = await audit.client("qa_manager")
    own = (await raise_action(client, owner={"subject": "test-qa_manager"}, due_on="2026-11-01"))["id"]
    reason = {"reason": "The team was merged."}
    refused = await step(client, own, "cancellations", reason, 1)
    assert (refused.status_code, slug(refused)) == (409, "own-action")
    assert (await step(await audit.client("head_of_service"), own, "cancellations", reason, 1)).status_code == 403
    off = await step(await audit.client("admin"), own, "cancellations", reason, 1)
    assert (off.json()["status"], off.json()["cancelled_by"]) == ("cancelled", "test-admin")
    assert (off.json()["overdue"], off.json()["allowed_actions"]) == (False, [])
    for name, body in (("completions", {}), ("closures", IMPACT), ("cancellations", reason)):
        assert (await step(await audit.client("admin"), own, name, body, 2)).status_code == 409, name
    assert slug(await step(client, own, "notes", {"text": "Late."}, 2)) == "action-closed"


async def test_an_action_handed_on_keeps_who_had_it_and_why(audit: Running) -> None:
    client = await audit.client("qa_manager")
    action = (await raise_action(client))["id"]
    body: dict[str, Any] = {"owner": {"subject": "worker-4"}, "reason": "The manager is away until May."}
    assert (await step(client, action, "owner", body | {"owner": {"role": "nobody"}}, 1)).status_code == 422
    moved = (await step(client, action, "owner", body, 1)).json()
    assert moved["owner"]["subject"] == "worker-4"
    assert [(one["role"], one["reason"]) for one in moved["past_owners"]] == [("team_manager", body["reason"])]
    worker = await audit.client("auditor", unit="fs_portland", subject="worker-4")
    assert [one["id"] for one in await listed(worker, mine="true")] == [action]
    assert await listed(await audit.client("team_manager", unit="fs_weymouth"), mine="true") == []
    noted = await worker.post(f"/v1/actions/{action}/notes", json={"text": "Half of the reviews have a date."})
    assert (noted.status_code, noted.json()["notes"][0]["written_by"]) == (201, "worker-4")


async def test_R05_an_action_without_a_good_effect_asks_for_another_that_follows_it(audit: Running) -> None:
    client = await audit.client("qa_manager")
    action = await verified(audit)
    early = await client.post("/v1/actions", json=ACTION | {"follow_up_of": action["id"]})
    assert (early.status_code, slug(early)) == (409, "nothing-to-follow")
    closed = (await step(client, action["id"], "closures", IMPACT | {"impact": "none"}, 3)).json()
    assert closed["follow_up_needed"] is True
    assert "follow_up" in closed["allowed_actions"]
    following = await raise_action(client, follow_up_of=action["id"])
    assert following["follow_up_of"] == action["id"]
    found = (await client.get(f"/v1/actions/{action['id']}")).json()
    assert (found["follow_up_needed"], found["follow_ups"]) == (False, [following["id"]])
    unknown = await client.post("/v1/actions", json=ACTION | {"follow_up_of": "0192f0c1-0000-7000-8000-000000000001"})
    assert unknown.json()["errors"][0]["pointer"] == "/follow_up_of"


async def test_actions_are_found_by_theme_and_by_audit(audit: Running) -> None:
    client = await audit.client("qa_manager")
    audited = await send(client, whole())
    body = {name: value for name, value in ACTION.items() if name not in ("unit", "evidence")}
    action = (await client.post("/v1/actions", json=body | {"finding": audited["findings"][1]["id"]})).json()["id"]
    await raise_action(client)
    assert [one["id"] for one in await listed(client, theme="drift_and_delay")] == [action]
    assert [one["id"] for one in await listed(client, audit=audited["id"])] == [action]
    assert await listed(client, theme="neglect") == []


async def test_a_later_audit_shows_whether_it_changed(audit: Running) -> None:
    client = await audit.client("qa_manager")
    first = await send(client, whole())
    finding = first["findings"][1]["id"]
    body = {name: value for name, value in ACTION.items() if name not in ("unit", "evidence")}
    action = (await client.post("/v1/actions", json=body | {"finding": finding})).json()["id"]
    later = await send(client, whole(case_reference="CMS-204418"))
    seen = {"action": action, "audit": later["id"], "outcome": "partly", "note": "Minutes still come late."}
    made = await client.post("/v1/re-audits", json=seen)
    assert (made.status_code, made.json()["finding"], made.json()["unit"]) == (201, finding, "fs_weymouth")
    again = await client.post("/v1/re-audits", json=seen)
    assert (again.status_code, slug(again)) == (409, "re-audit-recorded")
    by_finding = (await client.get("/v1/re-audits", params={"finding": finding})).json()["items"]
    assert [one["outcome"] for one in by_finding] == ["partly"]
    line = (await client.get(f"/v1/actions/{action}")).json()["re_audits"][0]
    assert (line["audit"], line["outcome"]) == (later["id"], "partly")
    hidden = await (await audit.client("practitioner", unit="fs_portland")).get("/v1/re-audits")
    assert hidden.json()["items"] == []


@pytest.mark.parametrize(
    ("unit", "findings", "status"),
    [
        ("fs_portland", [STRENGTH, IMPROVEMENT], 201),
        ("fs_portland", [STRENGTH], 409),
        ("fs_weymouth", [STRENGTH], 201),
    ],
)
async def test_a_re_audit_is_of_the_same_unit_or_theme(
    audit: Running, unit: str, findings: list[dict[str, Any]], status: int
) -> None:
    client = await audit.client("qa_manager")
    finding = (await send(client, whole()))["findings"][1]["id"]
    other = await send(client, whole(unit, findings=findings, case_reference="CMS-204419"))
    answer = await client.post("/v1/re-audits", json={"finding": finding, "audit": other["id"], "outcome": "changed"})
    assert answer.status_code == status, answer.text
    if status == 409:
        assert slug(answer) == "re-audit-not-comparable"


async def test_an_audit_is_no_re_audit_of_its_own_finding_nor_a_draft_of_any(audit: Running) -> None:
    client = await audit.client("qa_manager")
    audited = await send(client, whole())
    finding = audited["findings"][1]["id"]
    draft = await send(client, whole(submit=False, case_reference="CMS-204420"))
    for other in (audited["id"], draft["id"]):
        answer = await client.post("/v1/re-audits", json={"finding": finding, "audit": other, "outcome": "changed"})
        assert (answer.status_code, slug(answer)) == (409, "re-audit-not-comparable")
