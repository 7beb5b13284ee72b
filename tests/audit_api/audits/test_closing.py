"""Closing, withdrawing and handing over: each from the right state, with its reason, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from services.audit_api.models import Audit
from services.audit_api.registry import table_of
from tests.audit_api.life import analysis_of, faults, learn, slug, step, stepped
from tests.audit_api.papers import activity_of, answers, cover, in_round, make_round, send, whole
from tests.conftest import Running

DRAFT = {
    "unit": "fs_weymouth",
    "tool": "case_audit",
    "case_reference": "CMS-204417",
    "auditor_unit": "safeguarding_and_standards",
}
REASON = {"reason": "The case moved to another council."}
HANDED = {"auditor": "auditor-7", "auditor_unit": "fs_portland", "reason": "Long absence."}


async def test_R26_an_audit_closes_only_once_something_learned_from_it_is_passed_on(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    bare = await step(client, path, "closures", {})
    assert (bare.status_code, slug(bare), faults(bare)) == (
        409,
        "learning-needed",
        {("/learning", "learning_missing")},
    )
    await learn(audit, path, "draft")
    await learn(audit, path, "withdrawn")
    undone = await step(client, path, "closures", {})
    assert (slug(undone), faults(undone)) == ("learning-needed", {("/learning", "draft"), ("/learning", "withdrawn")})
    assert (await client.get(f"/v1/audits/{path}")).json()["status"] == "submitted"
    finding = (await client.get(f"/v1/audits/{path}")).json()["findings"][0]["id"]
    await learn(audit, path, finding=finding)
    closed = await stepped(client, path, "closures", {"note": "Shared at the team day."})
    assert (closed["status"], closed["closed_on"], closed["version"]) == ("closed", "2026-11-23", 2)
    assert closed["allowed_actions"] == ["add_view", "attach", "reopen"]
    history = (await client.get(f"/v1/audits/{path}/history")).json()["items"]
    assert [(one["kind"], one["reason"]) for one in history] == [("closed", "Shared at the team day.")]
    await audit.seal()
    rows = await activity_of(await audit.client("admin"), "audit")
    assert [row["action"] for row in rows] == ["audit.submitted", "audit.closed"]
    assert "team day" not in str(rows)


async def test_R26_of_two_closings_at_once_one_wins_and_the_other_is_told_so(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    await learn(audit, path)
    results = await asyncio.gather(*(step(client, path, "closures", {}, 1) for _ in range(4)))
    assert sorted(one.status_code for one in results) == [201, 409, 409, 409]
    assert {slug(one) for one in results if one.status_code == 409} == {"audit-closed"}
    assert (await client.get(f"/v1/audits/{path}")).json()["version"] == 2


async def test_a_closing_sent_again_with_its_key_is_answered_as_before(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    await learn(audit, path)
    first, again = [await step(client, path, "closures", {}, 1, **{"Idempotency-Key": "c-1"}) for _ in range(2)]
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())


@pytest.mark.parametrize(
    ("status", "code"),
    [("allocated", "not_submitted"), ("in_moderation", "in_moderation"), ("withdrawn", "withdrawn")],
)
async def test_an_audit_closes_from_submitted_or_moderated_only(audit: Running, status: str, code: str) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    await learn(audit, path)
    table = table_of(Audit)
    async with audit.database.transaction() as session:
        await session.execute(sa.update(table).values(status=status))
    refused = await step(client, path, "closures", {})
    assert (refused.status_code, slug(refused), faults(refused)) == (409, "audit-not-closable", {("/status", code)})
    async with audit.database.transaction() as session:
        await session.execute(sa.update(table).values(status="moderated"))
    assert (await stepped(client, path, "closures", {}))["status"] == "closed"


async def test_a_closed_audit_counts_in_analysis_and_coverage_as_a_submitted_one(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await make_round(client, "2026-11")
    path = (await send(client, in_round("fs_weymouth", "2026-11")))["id"]
    before = [await analysis_of(client, "2026-11"), await cover(client, "2026-11")]
    await learn(audit, path)
    await stepped(client, path, "closures", {})
    after = [await analysis_of(client, "2026-11"), await cover(client, "2026-11")]
    assert after == before
    assert after[0]["audits"] == 1
    assert [one["id"] for one in (await client.get("/v1/audits?status=closed")).json()["items"]] == [path]


async def test_an_audit_that_was_never_submitted_is_withdrawn_and_its_slot_is_free(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await make_round(client, "2026-11")
    body = in_round("fs_weymouth", "2026-11", submit=False)
    path = (await send(client, body))["id"]
    assert (await client.post("/v1/audits", json=body)).status_code == 409
    assert (await step(client, path, "withdrawals", {})).status_code == 422
    gone = await stepped(client, path, "withdrawals", REASON)
    assert (gone["status"], gone["allowed_actions"]) == ("withdrawn", [])
    again = await step(client, path, "withdrawals", REASON)
    assert (again.status_code, slug(again)) == (409, "audit-not-withdrawable")
    other = await send(client, in_round("fs_weymouth", "2026-11"))
    kept = await step(client, other["id"], "withdrawals", REASON)
    assert (kept.status_code, slug(kept)) == (409, "audit-not-withdrawable")
    await stepped(client, other["id"], "reopenings", {"reason": "Two grades are wrong."})
    assert slug(await step(client, other["id"], "withdrawals", REASON)) == "audit-not-withdrawable"


async def test_an_open_audit_is_handed_to_another_auditor_with_what_is_answered(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, DRAFT | {"answers": {"safer": 4}}))["id"]
    handed = await stepped(client, path, "reallocations", HANDED)
    assert (handed["auditor"], handed["auditor_unit"], handed["answers"]) == ("auditor-7", "fs_portland", {"safer": 4})
    (one,) = (await client.get(f"/v1/audits/{path}/history")).json()["items"]
    assert (one["kind"], one["reason"], one["by"]) == ("reallocated", "Long absence.", "test-qa_manager")
    assert one["data"] == {"from_auditor": "test-qa_manager", "auditor": "auditor-7"}
    new = await audit.client("auditor", unit="fs_portland", subject="auditor-7")
    assert (await new.get(f"/v1/audits/{path}")).json()["allowed_actions"] == ["answer", "submit", "attach"]


@pytest.mark.parametrize(
    ("changed", "status", "found"),
    [
        ({"auditor_unit": "fs_weymouth"}, 409, "auditor-not-independent"),
        ({"auditor": "worker-17"}, 409, "own-case"),
        ({"auditor_unit": None}, 422, "malformed"),
        ({"auditor_unit": "nowhere"}, 422, "malformed"),
        ({"auditor": "test-qa_manager"}, 422, "malformed"),
        ({"reason": None}, 422, "malformed"),
    ],
)
async def test_a_new_auditor_is_as_independent_as_the_first(
    audit: Running, changed: dict[str, Any], status: int, found: str
) -> None:
    client = await audit.client("qa_manager")
    people = [{"part": "case_worker", "level": "practitioner", "reference": "worker-17"}]
    path = (await send(client, DRAFT | {"participants": people, "answers": answers()}))["id"]
    refused = await step(client, path, "reallocations", HANDED | changed)
    assert (refused.status_code, slug(refused)) == (status, found)
    assert (await client.get(f"/v1/audits/{path}")).json()["auditor"] == "test-qa_manager"


async def test_only_an_open_audit_changes_hands(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    refused = await step(client, path, "reallocations", HANDED)
    assert (refused.status_code, slug(refused)) == (409, "audit-not-open")


@pytest.mark.parametrize(
    ("name", "body"), [("closures", {}), ("reopenings", REASON), ("withdrawals", REASON), ("reallocations", HANDED)]
)
async def test_who_decides_on_an_audit_manages_audits_and_is_not_of_its_team(
    audit: Running, name: str, body: dict[str, Any]
) -> None:
    path = (await send(await audit.client("qa_manager"), whole()))["id"]
    assert (await step(await audit.client("auditor"), path, name, body, 1)).status_code == 403
    own = await step(await audit.client("qa_manager", unit="fs_weymouth"), path, name, body, 1)
    assert (own.status_code, slug(own)) == (403, "own-audit")
    elsewhere = await audit.client("qa_manager", unit="fs_portland", subject="manager-2")
    other = await step(elsewhere, path, name, body, 1)
    assert other.status_code == 404
    manager = await audit.client("qa_manager")
    assert (await manager.post(f"/v1/audits/{path}/{name}", json=body)).status_code == 428
    if name != "closures":
        assert (await step(manager, path, name, body, 7)).status_code == 412
