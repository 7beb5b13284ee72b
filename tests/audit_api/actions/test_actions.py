"""Actions: evidence before and impact after, and due dates that cannot be moved out of sight."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.audit_api.actions.steps import ACTION, IMPACT, listed, raise_action, slug, step, verified
from tests.audit_api.papers import activity_of, send, whole
from tests.conftest import Running


async def test_R05_an_action_rests_on_evidence(audit: Running) -> None:
    client = await audit.client("qa_manager")
    made = await raise_action(client)
    assert made["evidence"] == [{"kind": "indicator", "ref": "protection_reviews_in_time", "note": None}]
    bare = await client.post("/v1/actions", json=ACTION | {"evidence": []})
    assert bare.status_code == 422
    assert bare.json()["errors"][0]["detail"] == "an action rests on a finding or on other evidence"


async def test_R05_an_action_from_a_finding_has_the_finding_as_its_evidence(audit: Running) -> None:
    client = await audit.client("qa_manager")
    finding = (await send(client, whole()))["findings"][1]["id"]
    body = {name: value for name, value in ACTION.items() if name not in ("unit", "evidence")}
    answer = await client.post("/v1/actions", json=body | {"finding": finding})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["finding"], made["unit"]) == (finding, "fs_weymouth")
    assert made["evidence"] == [{"kind": "finding", "ref": finding, "note": None}]


async def test_an_action_waits_for_the_findings_audit_to_be_submitted(audit: Running) -> None:
    client = await audit.client("qa_manager")
    finding = (await send(client, whole(submit=False)))["findings"][0]["id"]
    answer = await client.post("/v1/actions", json=ACTION | {"finding": finding})
    assert (answer.status_code, slug(answer)) == (409, "finding-not-final")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"finding": "0192f0c1-0000-7000-8000-000000000001"}, "/finding"),
        ({"evidence": [{"kind": "finding", "ref": "not-an-id"}]}, "/evidence/0/ref"),
        ({"evidence": [{"kind": "finding", "ref": "0192f0c1-0000-7000-8000-000000000001"}]}, "/evidence/0/ref"),
        ({"owner": {"role": "nobody"}}, "/owner/role"),
        ({"owner": {}}, "/owner"),
        ({"unit": "nowhere"}, "/unit"),
        ({"unit": None}, ""),
        ({"due_on": "18/12/2026"}, "/due_on"),
        ({"raised_on": "2026-11-24"}, "/raised_on"),
        ({"title": "Write to jo@example.org"}, "/title"),
    ],
)
async def test_what_an_action_names_must_exist(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    answer = await (await audit.client("qa_manager")).post("/v1/actions", json=ACTION | changed)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_R42_re_dating_never_hides_that_an_action_is_overdue(audit: Running) -> None:
    client = await audit.client("qa_manager")
    made = await raise_action(client, due_on="2026-11-20")
    assert (made["overdue"], made["days_overdue"], made["days_overdue_originally"]) == (True, 3, 3)
    for version, due_on in ((1, "2026-12-01"), (2, "2027-01-15"), (3, "2027-03-01")):
        moved = await step(client, made["id"], "due-date", {"due_on": due_on, "reason": "Moved."}, version)
        assert moved.status_code == 200, moved.text
    found = moved.json()
    assert (found["original_due_on"], found["due_on"], found["times_redated"]) == ("2026-11-20", "2027-03-01", 3)
    assert [one["due_on"] for one in found["due_dates"]] == ["2026-11-20", "2026-12-01", "2027-01-15", "2027-03-01"]
    assert [one["reason"] for one in found["due_dates"]] == [None, "Moved.", "Moved.", "Moved."]
    (overdue,) = await listed(client, status="overdue", body="dscb_qa")
    assert (overdue["id"], overdue["days_overdue"], overdue["days_overdue_originally"]) == (made["id"], 0, 3)
    assert await listed(client, status="overdue", body="csdg") == []
    same = await step(client, made["id"], "due-date", {"due_on": "2027-03-01", "reason": "Moved."}, 4)
    assert (same.status_code, same.json()["version"]) == (200, 4)


async def test_R42_an_action_falls_overdue_the_day_after_its_date(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await raise_action(client, due_on="2026-11-24")
    audit.clock.advance(timedelta(days=1))
    assert await listed(client, status="overdue") == []
    audit.clock.advance(timedelta(days=1))
    assert [one["days_overdue"] for one in await listed(client, status="overdue")] == [1]


async def test_R05_an_action_closes_only_with_its_impact_and_evidence_for_it(audit: Running) -> None:
    client = await audit.client("qa_manager")
    owner = await audit.client("team_manager", unit="fs_weymouth")
    action = (await raise_action(client))["id"]
    early = await step(client, action, "closures", IMPACT, 1)
    assert (early.status_code, slug(early)) == (409, "action-not-completed")
    done = await step(owner, action, "completions", {"note": "Every review since May was in time."}, 1)
    assert (done.status_code, done.json()["status"]) == (201, "completed")
    assert (done.json()["completed_by"], done.json()["allowed_actions"]) == ("test-team_manager", ["note", "re_audit"])
    unseen = await step(client, action, "closures", IMPACT, 2)
    assert (unseen.status_code, slug(unseen)) == (409, "action-not-verified")
    seen = await step(client, action, "verifications", {"verdict": "accepted"}, 2)
    assert (seen.status_code, seen.json()["status"], seen.json()["verified_by"]) == (201, "verified", "test-qa_manager")
    for body, pointer in (
        ({}, "/impact"),
        ({"impact": "positive"}, "/evidence"),
        ({"impact": "not_assessable"}, "/note"),
    ):
        refused = await step(client, action, "closures", body, 3)
        assert (refused.status_code, slug(refused)) == (409, "impact-needed")
        assert refused.json()["errors"][0]["pointer"] == pointer
    closed = await step(client, action, "closures", IMPACT, 3)
    assert (closed.status_code, closed.json()["status"], closed.json()["impact"]) == (201, "closed", "positive")
    assert closed.json()["impact_evidence"][0]["ref"] == "protection_reviews_in_time"
    again = await step(client, action, "closures", IMPACT, 4)
    assert (again.status_code, slug(again)) == (409, "action-closed")


async def test_R05_an_action_may_await_its_impact_until_a_review(audit: Running) -> None:
    client = await audit.client("qa_manager")
    action = (await verified(audit))["id"]
    past = await step(client, action, "closures", {"review_on": "2026-11-23"}, 3)
    assert past.status_code == 422
    assert await listed(client, status="awaiting_impact") == []
    waits = await step(client, action, "closures", {"review_on": "2027-06-30"}, 3)
    assert (waits.json()["status"], waits.json()["review_on"]) == ("verified", "2027-06-30")
    (found,) = await listed(client, status="awaiting_impact")
    assert (found["id"], found["review_overdue"]) == (action, False)
    audit.clock.advance(timedelta(days=300))
    assert [one["review_overdue"] for one in await listed(client, status="awaiting_impact")] == [True]
    body = {"impact": "not_assessable", "note": "The team was merged before the review."}
    closed = await step(client, action, "closures", body, 4)
    assert (closed.json()["status"], closed.json()["impact"]) == ("closed", "not_assessable")
    await audit.seal()
    rows = await activity_of(await audit.client("admin"), "action")
    assert [row["action"] for row in rows] == [
        "action.raised", "action.completed", "action.verified", "action.review_set", "action.closed",
    ]  # fmt: skip


async def test_an_action_is_completed_by_its_owner_only(audit: Running) -> None:
    client = await audit.client("qa_manager")
    by_role = (await raise_action(client))["id"]
    by_account = (await raise_action(client, owner={"subject": "worker-4"}))["id"]
    for action in (by_role, by_account):
        refused = await step(client, action, "completions", {}, 1)
        assert (refused.status_code, slug(refused)) == (403, "not-the-owner")
    elsewhere = await audit.client("team_manager", unit="fs_portland")
    assert (await step(elsewhere, by_role, "completions", {}, 1)).status_code == 404
    worker = await audit.client("auditor", unit="fs_portland", subject="worker-4")
    assert (await step(worker, by_account, "completions", {}, 1)).status_code == 201
    moved = await step(client, by_account, "due-date", {"due_on": "2027-01-01", "reason": "Later."}, 2)
    assert (moved.status_code, slug(moved)) == (409, "action-not-open")


async def test_closing_needs_the_scope_to_manage_and_every_step_its_version(audit: Running) -> None:
    client = await audit.client("qa_manager")
    action = (await raise_action(client))["id"]
    assert (await step(await audit.client("head_of_service"), action, "closures", IMPACT, 1)).status_code == 403
    assert (await (await audit.client("practitioner")).post("/v1/actions", json=ACTION)).status_code == 403
    bodies = {"due-date": {"due_on": "2027-01-01", "reason": "Later."}, "completions": {}, "closures": IMPACT}
    for name, body in bodies.items():
        method = "PUT" if name in ("due-date", "owner") else "POST"
        path = f"/v1/actions/{action}/{name}"
        assert (await client.request(method, path, json=body)).status_code == 428
        assert (await step(client, action, name, body, 9)).status_code == 412


async def test_of_two_closings_at_once_one_wins(audit: Running) -> None:
    client = await audit.client("qa_manager")
    action = (await verified(audit))["id"]
    results = await asyncio.gather(*(step(client, action, "closures", IMPACT, 3) for _ in range(3)))
    assert sorted(one.status_code for one in results) == [201, 412, 412]


async def test_actions_are_paged_by_their_original_due_dates(audit: Running) -> None:
    client = await audit.client("qa_manager")
    days = ["2026-12-03", "2026-12-01", "2026-12-02", "2026-12-01", "2026-12-04"]
    made = {(await raise_action(client, due_on=day))["id"] for day in days}
    seen: list[dict[str, Any]] = []
    after = None
    while True:
        params = {"limit": 2} | ({"after": after} if after else {})
        page = (await client.get("/v1/actions", params=params)).json()
        seen += page["items"]
        after = page["next"]
        if after is None:
            break
    assert [one["original_due_on"] for one in seen] == sorted(days)
    assert {one["id"] for one in seen} == made
    assert len(await listed(client, unit="family_support", status="open")) == len(days)
    assert await listed(client, unit="cwd_east") == []


async def test_an_action_is_the_units_or_the_owners_to_see(audit: Running) -> None:
    action = (await raise_action(await audit.client("qa_manager")))["id"]
    path = f"/v1/actions/{action}"
    assert (await (await audit.client("team_manager", unit="family_support")).get(path)).status_code == 200
    assert (await (await audit.client("team_manager", unit="cwd_east")).get(path)).status_code == 404


async def test_an_earlier_day_is_recorded_by_those_who_manage_audits_only(audit: Running) -> None:
    body = ACTION | {"raised_on": "2026-09-30"}
    assert (await (await audit.client("auditor")).post("/v1/actions", json=body)).status_code == 403
    assert (await raise_action(await audit.client("qa_manager"), raised_on="2026-09-30"))["raised_on"] == "2026-09-30"
