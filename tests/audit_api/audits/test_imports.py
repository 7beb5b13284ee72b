"""Audits done elsewhere come in as a batch: every rule holds for each row, and a replay changes nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.audit_api.life import faults, saved, slug, step, stepped
from tests.audit_api.papers import VIEWS, activity_of, answers, in_round, make_round, whole
from tests.conftest import Running


def done(number: int, unit: str = "fs_weymouth", **changed: Any) -> dict[str, Any]:
    """An audit done elsewhere."""
    body = whole(unit, source_ref=f"OLD-{number}", case_reference=f"CMS-{number}", submitted_on="2026-10-05") | changed
    del body["submit"]
    return body


async def _import(client: httpx.AsyncClient, *items: Any, **options: str) -> httpx.Response:
    return await client.post("/v1/audits/imports", json={"items": list(items)}, params=options)


async def _stored(client: httpx.AsyncClient) -> list[str]:
    items = (await client.get("/v1/audits?limit=500")).json()["items"]
    return sorted(one["source_ref"] for one in items)


async def test_audits_done_elsewhere_come_in_whole_and_a_replay_changes_nothing(audit: Running) -> None:
    client = await audit.client("qa_manager")
    batch = [done(number) for number in range(1, 6)]
    first = (await _import(client, *batch)).json()
    assert (first["rows"], first["created"], first["unchanged"], first["replayed"]) == (5, 5, 0, False)
    assert [one["state"] for one in first["items"]] == ["created"] * 5
    read = (await client.get(f"/v1/audits/{first['items'][0]['audit']}")).json()
    assert (read["status"], read["submitted_on"], read["answers"]) == ("submitted", "2026-10-05", answers())
    again = (await _import(client, *batch)).json()
    assert (again["created"], again["unchanged"], again["replayed"]) == (0, 5, True)
    assert [one["audit"] for one in again["items"]] == [one["audit"] for one in first["items"]]
    assert (await _import(client, *batch, done(6))).json()["created"] == 1
    assert len(await _stored(client)) == 6
    await audit.seal()
    (row, *_) = await activity_of(await audit.client("admin"), "audit_import")
    assert row["data"] == {"rows": 5, "created": 5, "unchanged": 0, "rejected": 0}
    assert (await client.get("/v1/analysis?period=2026-10")).json()["audits"] == 6


BAD = [
    (done(11, answers=answers(outcomes_overall="splendid")), "/answers/outcomes_overall", "grade_off_scale"),
    (done(12, unit="nowhere"), "/unit", "unknown_unit"),
    (done(13, auditor_unit="fs_weymouth"), "", "auditor_not_independent"),
    (done(14, views={}), "/views/child", "view_missing"),
    (done(15, submitted_on="2027-01-01"), "/submitted_on", "in_future"),
    ({"unit": "fs_weymouth"}, "/case_reference", "missing"),
    ("text", "", "model_type"),
    (done(16) | {"submit": False}, "/submit", "literal_error"),
    (done(17, surprise=1), "", "extra_forbidden"),
    (done(1), "/source_ref", "duplicate"),
]


async def test_a_bad_row_refuses_all_or_itself_alone_and_is_named_by_its_place(audit: Running) -> None:
    client = await audit.client("qa_manager")
    batch = [done(1), *(body for body, _, _ in BAD), done(2)]
    refused = await _import(client, *batch)
    assert (refused.status_code, slug(refused), refused.json()["rejected"]) == (422, "audits-refused", len(BAD))
    expected = {(f"/items/{place}{pointer}", code) for place, (_, pointer, code) in enumerate(BAD, 1)}
    assert faults(refused) >= expected
    assert "splendid" not in refused.text
    assert await _stored(client) == []
    tried = (await _import(client, *batch, mode="partial", dry_run="true")).json()
    assert (tried["created"], tried["rejected"], tried["id"], tried["items"][0]["audit"]) == (2, len(BAD), None, None)
    assert await _stored(client) == []
    taken = (await _import(client, *batch, mode="partial")).json()
    assert (taken["created"], taken["rejected"]) == (2, len(BAD))
    assert {(one["pointer"], one["code"]) for one in taken["errors"]} >= expected
    assert [one["problem"] for one in taken["errors"] if one["row"] == 4] == ["auditor-not-independent"]
    assert await _stored(client) == ["OLD-1", "OLD-2"]
    again = (await _import(client, done(1), done(2), mode="atomic")).json()
    assert again["replayed"] is True
    atomic = (await _import(client, done(3), "text", dry_run="true")).json()
    assert (atomic["created"], atomic["rejected"]) == (0, 1)


async def test_other_content_under_a_known_reference_is_told_and_changes_nothing(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await _import(client, done(1))).json()["items"][0]["audit"]
    told = (await _import(client, done(1, answers=answers(safer=1)), mode="partial")).json()
    assert [(one["pointer"], one["code"]) for one in told["errors"]] == [("/items/0/source_ref", "audit_known")]
    # A correction made here since does not make the replay another audit.
    await stepped(client, path, "reopenings", {"reason": "Two grades are wrong."})
    await saved(client, path, {"answers": {"safer": 1}})
    assert (await step(client, path, "submissions")).status_code == 201
    assert (await _import(client, done(1))).json()["replayed"] is True
    assert (await client.get(f"/v1/audits/{path}")).json()["answers"]["safer"] == 1


async def test_of_two_imports_of_one_batch_at_once_one_stores_it(audit: Running) -> None:
    client = await audit.client("qa_manager")
    batch = [done(number) for number in range(1, 4)]
    results = [one.json() for one in await asyncio.gather(*(_import(client, *batch) for _ in range(3)))]
    assert sorted(one["created"] for one in results) == [0, 0, 3]


async def test_an_imported_audit_fills_its_slot_once(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await make_round(client, "2026-10")
    rows = [in_round("fs_weymouth", "2026-10", source_ref=f"OLD-{number}") for number in (1, 2)]
    told = (await _import(client, *rows, mode="partial")).json()
    assert [(one["row"], one["code"]) for one in told["errors"]] == [(2, "slot_taken")]


async def test_an_import_is_at_most_five_hundred_and_needs_the_scope(audit: Running) -> None:
    client = await audit.client("qa_manager")
    assert (await _import(client, *[{}] * 501)).status_code == 422
    assert (await _import(client)).status_code == 422
    assert (
        await client.post("/v1/audits/imports", content="items", headers={"Content-Type": "text/csv"})
    ).status_code == 415
    assert (await _import(await audit.client("analyst"), done(1))).status_code == 403
    # An auditor's own audits of today come in; those of earlier days are for who manages audits.
    auditor = await audit.client("auditor")
    told = (await _import(auditor, done(1), done(2, submitted_on="2026-11-23"), mode="partial")).json()
    assert [(one["row"], one["problem"]) for one in told["errors"]] == [(1, "forbidden")]


@pytest.mark.parametrize("mode", ["atomic", "partial"])
async def test_an_import_sent_again_with_its_key_is_answered_as_before(audit: Running, mode: str) -> None:
    client = await audit.client("qa_manager")
    first, again = [
        await client.post(
            "/v1/audits/imports", json={"items": [done(1, views=VIEWS)]}, params={"mode": mode},
            headers={"Idempotency-Key": "batch-1"},
        )
        for _ in range(2)
    ]  # fmt: skip
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")


async def test_audits_come_in_line_by_line_too(audit: Running) -> None:
    client = await audit.client("qa_manager")
    lines = "\n".join([json.dumps(done(1)), "", "{", json.dumps(done(2)) + "\r"])
    headers = {"Content-Type": "application/x-ndjson"}
    sent = await client.post("/v1/audits/imports?mode=partial", content=lines, headers=headers)
    assert (sent.json()["created"], sent.json()["rejected"]) == (2, 1)
    assert [(one["row"], one["pointer"], one["code"]) for one in sent.json()["errors"]] == [
        (2, "/items/1", "json_invalid")
    ]
    assert (await _import(client, done(1), done(2))).json()["replayed"] is True
