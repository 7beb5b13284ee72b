"""Drafts: saved in part, never over another's work, submitted once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from shared.activity.verify import verify_chain
from shared.tables import read_log
from tests.audit_api.papers import IMPROVEMENT, STRENGTH, VIEWS, activity_of, answers, send, whole
from tests.conftest import Running

ALLOCATION = {
    "unit": "fs_weymouth",
    "tool": "case_audit",
    "case_reference": "CMS-204417",
    "auditor_unit": "safeguarding_and_standards",
}


def _slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def _save(client: httpx.AsyncClient, audit: str, body: Any, version: int) -> httpx.Response:
    headers = {"If-Match": f'"{version}"'}
    return await client.put(f"/v1/audits/{audit}/answers", json=body, headers=headers)


async def _submit(client: httpx.AsyncClient, audit: str, version: int, **headers: str) -> httpx.Response:
    return await client.post(f"/v1/audits/{audit}/submissions", headers={"If-Match": f'"{version}"', **headers})


async def test_a_draft_is_saved_in_part_and_submitted_when_it_is_whole(audit: Running) -> None:
    client = await audit.client("auditor")
    allocated = await send(client, ALLOCATION)
    assert (allocated["status"], allocated["version"]) == ("allocated", 1)
    assert allocated["allowed_actions"] == ["answer", "submit", "attach"]
    path = allocated["id"]
    saved = await _save(client, path, {"answers": {"safer": 4, "case_status": "child_in_need"}}, 1)
    assert (saved.status_code, saved.json()["status"]) == (200, "in_progress")
    early = await _submit(client, path, 2)
    assert (early.status_code, _slug(early)) == (409, "audit-not-ready")
    rest = answers(safer=None)
    rest.pop("case_status")
    saved = await _save(client, path, {"answers": rest, "views": VIEWS, "findings": [STRENGTH]}, 2)
    assert "safer" not in saved.json()["answers"]
    assert saved.json()["answers"]["case_status"] == "child_in_need"
    lacking = await _submit(client, path, 3)
    assert [fault["pointer"] for fault in lacking.json()["errors"]] == ["/answers/safer"]
    await _save(client, path, {"answers": {"safer": 5}}, 3)
    done = await _submit(client, path, 4)
    assert (done.status_code, done.json()["status"], done.json()["version"]) == (201, "submitted", 5)
    assert done.json()["grades"]["outcomes_achieved"] == "good"
    assert (await _save(client, path, {"answers": {"safer": 1}}, 5)).json()["title"] == (
        "The audit is no longer open for answers"
    )
    await audit.seal()
    actions = [row["action"] for row in await activity_of(await audit.client("admin"), "audit")]
    assert actions == ["audit.allocated", "audit.saved", "audit.saved", "audit.saved", "audit.submitted"]
    assert (await verify_chain(audit.database)).faults == []


async def test_findings_and_participants_are_replaced_and_views_merged(audit: Running) -> None:
    client = await audit.client("auditor")
    people = [{"part": "case_manager", "level": "team_manager"}]
    path = (await send(client, ALLOCATION | {"findings": [STRENGTH, IMPROVEMENT], "participants": people}))["id"]
    saved = (await _save(client, path, {"views": {"child": {"reason": "too_young"}}}, 1)).json()
    assert (len(saved["findings"]), len(saved["participants"])) == (2, 1)
    saved = (await _save(client, path, {"findings": [IMPROVEMENT], "participants": []}, 2)).json()
    assert ([one["kind"] for one in saved["findings"]], saved["participants"]) == (["area_for_improvement"], [])
    saved = (await _save(client, path, {"views": {"child": {"feedback": "V-9"}, "icrs": None}}, 3)).json()
    assert list(saved["views"]) == ["child"]
    assert (saved["views"]["child"]["feedback"], saved["views"]["child"]["reason"]) == ("V-9", None)


async def test_a_draft_is_never_saved_over_a_version_nobody_saw(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, ALLOCATION))["id"]
    bare = await client.put(f"/v1/audits/{path}/answers", json={"answers": {"safer": 4}})
    assert bare.status_code == 428
    assert (await client.post(f"/v1/audits/{path}/submissions")).status_code == 428
    assert (await _save(client, path, {"answers": {"safer": 4}}, 1)).status_code == 200
    stale = await _save(client, path, {"answers": {"safer": 1}}, 1)
    assert (stale.status_code, stale.headers["etag"]) == (412, '"2"')
    assert (await client.get(f"/v1/audits/{path}")).json()["answers"] == {"safer": 4}


async def test_of_two_devices_that_save_at_once_one_wins_and_the_other_is_told(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, ALLOCATION))["id"]
    results = await asyncio.gather(*(_save(client, path, {"answers": {"safer": grade}}, 1) for grade in (1, 2, 3)))
    assert sorted(one.status_code for one in results) == [200, 412, 412]


async def test_of_two_submissions_at_once_one_wins(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, whole(submit=False)))["id"]
    results = await asyncio.gather(*(_submit(client, path, 1) for _ in range(4)))
    assert sorted(one.status_code for one in results) == [201, 412, 412, 412]
    again = await _submit(client, path, 2)
    assert (again.status_code, _slug(again)) == (409, "audit-not-open")


async def test_a_submission_sent_again_with_its_key_is_answered_as_before(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, whole(submit=False)))["id"]
    first = await _submit(client, path, 1, **{"Idempotency-Key": "s-1"})
    again = await _submit(client, path, 1, **{"Idempotency-Key": "s-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()


async def test_a_draft_is_its_auditors_or_a_managers_to_answer(audit: Running) -> None:
    path = (await send(await audit.client("auditor"), ALLOCATION))["id"]
    other = await audit.client("auditor", subject="auditor-2")
    refused = await _save(other, path, {"answers": {"safer": 4}}, 1)
    assert (refused.status_code, _slug(refused)) == (403, "not-the-auditor")
    assert (await other.get(f"/v1/audits/{path}")).json()["allowed_actions"] == []
    manager = await audit.client("qa_manager")
    assert (await _save(manager, path, {"answers": {"safer": 4}}, 1)).status_code == 200


async def test_an_auditor_of_another_team_reaches_the_audits_given_to_him_and_no_others(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    given = await send(manager, ALLOCATION | {"auditor": "auditor-2", "auditor_unit": "fs_portland"})
    other = await send(manager, ALLOCATION | {"auditor": "auditor-3"})
    client = await audit.client("auditor", unit="fs_portland", subject="auditor-2")
    assert (await _save(client, given["id"], {"answers": {"safer": 4}}, 1)).status_code == 200
    assert [one["id"] for one in (await client.get("/v1/audits")).json()["items"]] == [given["id"]]
    for method, path in (("GET", ""), ("PUT", "/answers"), ("POST", "/submissions")):
        body = {"json": {"answers": {}}} if method == "PUT" else {}
        answer = await client.request(method, f"/v1/audits/{other['id']}{path}", headers={"If-Match": '"1"'}, **body)
        assert answer.status_code == 404
    unknown = await client.get("/v1/audits/0192f0c1-0000-7000-8000-000000000001")
    assert unknown.status_code == 404


@pytest.mark.parametrize("role", ["practitioner", "analyst", "reporting_service", "board_reader"])
async def test_writing_needs_the_scope(audit: Running, role: str) -> None:
    path = (await send(await audit.client("auditor"), ALLOCATION))["id"]
    client = await audit.client(role)
    assert (await client.post("/v1/audits", json=ALLOCATION)).status_code == 403
    assert (await _save(client, path, {"answers": {}}, 1)).status_code == 403
    assert (await _submit(client, path, 1)).status_code == 403


async def test_reading_an_audit_is_recorded_and_not_in_the_feed(audit: Running) -> None:
    path = (await send(await audit.client("auditor"), ALLOCATION))["id"]
    reader = await audit.client("practitioner", subject="reader-1")
    assert (await reader.get(f"/v1/audits/{path}")).status_code == 200
    async with audit.database.snapshot() as session:
        rows = (await session.execute(sa.select(read_log))).all()
    assert [(row.actor, row.subject_id) for row in rows] == [("reader-1", path)]
    await audit.seal()
    assert len(await activity_of(await audit.client("admin"), "audit")) == 1


async def test_a_read_that_changed_nothing_needs_no_body(audit: Running) -> None:
    client = await audit.client("auditor")
    path = (await send(client, ALLOCATION))["id"]
    read = await client.get(f"/v1/audits/{path}")
    seen = {"If-None-Match": read.headers["etag"]}
    answer = await client.get(f"/v1/audits/{path}", headers=seen)
    assert (answer.status_code, answer.content) == (304, b"")
    # What one may do with it is told differently to another, who may use the same browser.
    other = await (await audit.client("practitioner")).get(f"/v1/audits/{path}", headers=seen)
    assert (other.status_code, other.json()["allowed_actions"]) == (200, [])
