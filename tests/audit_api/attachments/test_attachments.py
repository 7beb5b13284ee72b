"""Evidence of an audit by reference or as a file: with the audit's reach, logged when read, removed with a reason."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.audit_api.models import AttachmentContent
from services.audit_api.registry import table_of
from shared.tables import read_log
from tests.audit_api.attachments.files import GOOD, PDF, TEXT
from tests.audit_api.life import faults, learn, slug, stepped
from tests.audit_api.papers import activity_of, send, whole
from tests.conftest import Running, Start

REFERENCE = {"kind": "record", "ref": "CMS-204417/chronology", "note": "Read up to 14 September."}
REASON = {"reason": "It is about another family."}


async def _upload(
    client: httpx.AsyncClient, audit: str, content: bytes, media: str = "application/octet-stream", **query: str
) -> httpx.Response:
    path = f"/v1/audits/{audit}/attachments/files"
    params = {"name": "plan.pdf"} | query
    return await client.post(path, content=content, params=params, headers={"Content-Type": media})


async def _listed(client: httpx.AsyncClient, audit: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"/v1/audits/{audit}/attachments")).json()["items"]
    return found


async def test_evidence_is_attached_by_reference_and_as_a_file_that_comes_back_as_it_was(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    made = await client.post(f"/v1/audits/{path}/attachments", json=REFERENCE)
    assert (made.status_code, made.json()["ref"], made.json()["name"]) == (201, "CMS-204417/chronology", None)
    for media, content in GOOD.items():
        sent = await _upload(client, path, content, media, name="../näher betrachtet", note="As read.")
        assert sent.status_code == 201, sent.text
        one = sent.json()
        assert (one["media_type"], one["size"], one["sha256"]) == (
            media,
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        back = await client.get(f"/v1/audits/{path}/attachments/{one['id']}/content")
        assert (back.status_code, back.content) == (200, content)
        assert back.headers["content-type"].split(";")[0] == media
        assert back.headers["content-disposition"].startswith('attachment; filename="n_her betrachtet.')
        assert "filename*=UTF-8''n%C3%A4her%20betrachtet." in back.headers["content-disposition"]
        assert (back.headers["x-content-type-options"], "sandbox" in back.headers["content-security-policy"]) == (
            "nosniff",
            True,
        )
        seen = {"If-None-Match": back.headers["etag"]}
        again = await client.get(f"/v1/audits/{path}/attachments/{one['id']}/content", headers=seen)
        assert (again.status_code, again.content) == (304, b"")
    assert [one["kind"] for one in await _listed(client, path)] == ["record", *["file"] * len(GOOD)]
    assert (await client.get(f"/v1/audits/{path}")).json()["version"] == 1
    reference = made.json()["id"]
    bare = await client.get(f"/v1/audits/{path}/attachments/{reference}/content")
    assert (bare.status_code, slug(bare)) == (409, "no-file")


async def test_a_file_that_is_not_what_it_says_or_too_large_is_refused(start: Start) -> None:
    audit = await start("audit", attachment_max_bytes=1000)
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    for content, media, code in (
        (b"MZ\x90\x00", "application/pdf", "unknown_content"),
        (PDF, "image/png", "other_than_declared"),
        (TEXT, "text/html", "other_than_declared"),
    ):
        refused = await _upload(client, path, content, media)
        assert (refused.status_code, slug(refused), faults(refused)) == (415, "file-not-taken", {("", code)})
    assert (await _upload(client, path, b"a" * 1000)).status_code == 201
    assert (await _upload(client, path, b"a" * 1001)).status_code == 413
    assert (await _upload(client, path, TEXT, name="")).status_code == 422
    assert (await _upload(client, path, TEXT, other="x")).status_code == 422


async def test_a_file_may_be_larger_than_other_bodies(start: Start) -> None:
    audit = await start("audit", max_body_bytes=20_000)
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    assert (await _upload(client, path, b"a" * 50_000)).status_code == 201


async def test_evidence_is_attached_until_and_after_the_audit_is_closed_but_not_to_a_withdrawn_one(
    audit: Running,
) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    await learn(audit, path)
    await stepped(client, path, "closures", {})
    assert (await client.post(f"/v1/audits/{path}/attachments", json=REFERENCE)).status_code == 201
    draft = (await send(client, whole(submit=False)))["id"]
    assert (await client.post(f"/v1/audits/{draft}/attachments", json=REFERENCE)).status_code == 201
    await stepped(client, draft, "withdrawals", REASON)
    refused = await client.post(f"/v1/audits/{draft}/attachments", json=REFERENCE)
    assert (refused.status_code, slug(refused)) == (409, "audit-withdrawn")
    assert len(await _listed(client, draft)) == 1


async def test_a_removed_file_leaves_its_record_and_loses_its_content(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    one = (await _upload(client, path, PDF)).json()
    assert one["allowed_actions"] == ["read_content", "remove"]
    where = f"/v1/audits/{path}/attachments/{one['id']}"
    assert (await client.post(f"{where}/removals", json={})).status_code == 422
    assert (await (await audit.client("auditor")).post(f"{where}/removals", json=REASON)).status_code == 403
    own = await (await audit.client("qa_manager", unit="fs_weymouth")).post(f"{where}/removals", json=REASON)
    assert (own.status_code, slug(own)) == (403, "not-to-remove")
    gone = await client.post(f"{where}/removals", json=REASON)
    assert (gone.status_code, gone.json()["removed_why"], gone.json()["allowed_actions"]) == (201, REASON["reason"], [])
    for again in (await client.post(f"{where}/removals", json=REASON), await client.get(f"{where}/content")):
        assert (again.status_code, slug(again)) == (409, "attachment-removed")
    (kept,) = await _listed(client, path)
    assert (kept["sha256"], kept["removed_by"]) == (one["sha256"], "test-qa_manager")
    async with audit.database.snapshot() as session:
        count = sa.select(sa.func.count()).select_from(table_of(AttachmentContent))
        assert (await session.execute(count)).scalar_one() == 0
    await audit.seal()
    rows = await activity_of(await audit.client("admin"), "audit")
    assert [row["action"] for row in rows] == ["audit.submitted", "attachment.added", "attachment.removed"]
    assert "plan" not in str(rows)
    assert "family" not in str(rows)


async def test_evidence_has_the_reach_of_its_audit_and_reading_a_file_is_recorded(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    other = (await send(client, whole()))["id"]
    one = (await _upload(client, path, PDF)).json()["id"]
    team = await audit.client("practitioner", unit="fs_weymouth", subject="reader-1")
    assert (await team.get(f"/v1/audits/{path}/attachments/{one}/content")).status_code == 200
    async with audit.database.snapshot() as session:
        rows = (await session.execute(sa.select(read_log))).all()
    assert [(row.actor, row.operation) for row in rows] == [("reader-1", "get_attachment_content")]
    assert (await client.get(f"/v1/audits/{other}/attachments/{one}/content")).status_code == 404
    elsewhere = await audit.client("auditor", unit="fs_portland", subject="auditor-2")
    assert (await elsewhere.get(f"/v1/audits/{path}/attachments")).status_code == 404
    assert (await elsewhere.get(f"/v1/audits/{path}/attachments/{one}/content")).status_code == 404
    assert (await elsewhere.post(f"/v1/audits/{path}/attachments", json=REFERENCE)).status_code == 404
    assert (await _upload(elsewhere, path, PDF)).status_code == 404
    refused = await _upload(await audit.client("auditor"), path, PDF)
    assert (refused.status_code, slug(refused)) == (403, "not-to-attach")
    assert (await _upload(await audit.client("practitioner"), path, PDF)).status_code == 403


async def test_a_file_sent_again_with_its_key_is_attached_once(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    client.headers["Idempotency-Key"] = "file-1"
    first, again = [await _upload(client, path, PDF) for _ in range(2)]
    assert (first.status_code, again.json()) == (201, first.json())
    assert (await _upload(client, path, TEXT)).status_code == 422
    assert len(await _listed(client, path)) == 1


@pytest.mark.parametrize("body", [{"kind": "file", "ref": "x"}, {"kind": "record"}, {"kind": "record", "ref": "<x>"}])
async def test_a_reference_says_what_and_where(audit: Running, body: dict[str, Any]) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    assert (await client.post(f"/v1/audits/{path}/attachments", json=body)).status_code == 422
