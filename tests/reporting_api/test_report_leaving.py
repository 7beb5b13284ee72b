"""A published report leaves after its years, final rows and all, and by no other way."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared.activity.verify import verify_chain
from tests.reporting_api.conftest import Desk


async def test_a_year_after_publication_drafts_that_nobody_put_forward_leave_and_what_was_signed_stays(
    desk: Desk,
) -> None:
    identity = (await desk.draft())["id"]
    report = f"/v1/reports/{identity}"
    writer, other = await desk.client("analyst", "ann"), await desk.client("analyst", "bea")
    for client, words in ((writer, "First words."), (other, "Second words."), (writer, "Third words.")):
        version = (await client.get(f"{report}/state")).headers["etag"]
        edited = await client.patch(report, json={"headlines": [words]}, headers={"If-Match": version})
        assert edited.status_code == 200, edited.text
    occurrence = (await writer.get(f"{report}/state")).json()["occurrence"]
    await writer.post(f"{report}/comments", json={"text": "Is this the last word?"})
    assert (await writer.post(f"/v1/occurrences/{occurrence}/assemblies")).status_code in (200, 201)
    assert (await writer.post(f"/v1/occurrences/{occurrence}/assemblies")).status_code in (200, 201)
    await desk.publish(identity)
    officer, database = await desk.client("data_protection_officer"), desk.reporting.database

    async def kept() -> list[tuple[int, str, str]]:
        async with database.snapshot() as session:
            rows = sa.text("SELECT revision, cause, created_by FROM report_revision ORDER BY revision")
            return [tuple(row) for row in (await session.execute(rows)).all()]  # type: ignore[misc]

    before, signed = await kept(), await desk.document(identity)
    assert [cause for _, cause, _ in before][:6] == ["assembly", "edit", "edit", "edit", "assembly", "assembly"]
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {}
    desk.reporting.clock.advance(timedelta(days=366))
    desk.clients.clear()
    officer = await desk.client("data_protection_officer")
    purged = (await officer.post("/v1/privacy/purges", json={})).json()["records"]
    after = await kept()
    assert purged["draft"] == len(before) - len(after)
    # Of two edits by one hand the newer stays, and what was remarked on, submitted and published.
    assert [revision for revision, _, _ in after][:2] == [3, 4]
    assert {by for _, cause, by in after if cause == "edit"} >= {"ann", "bea"}
    assert before[-1] in after
    assert await desk.document(identity) == signed


async def test_a_report_is_due_25_years_after_it_was_published_and_leaves_whole(desk: Desk) -> None:
    identity = (await desk.draft())["id"]
    await desk.publish(identity)
    officer = await desk.client("data_protection_officer")
    erase = {
        "subject": {"by": "record", "kind": "report", "reference": identity}, "ground": "unlawful",
        "request_reference": "DPO-1",
    }  # fmt: skip
    kept = (await officer.post("/v1/privacy/erasures", json=erase)).json()
    assert (kept["records"], list(kept["kept"])) == ({}, ["report"])
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {}
    database = desk.reporting.database
    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"):
        async with database.transaction() as session:
            await session.execute(sa.text("DELETE FROM report_snapshot"))
    async with database.transaction() as session:
        await session.execute(sa.text("UPDATE report SET published_at = '2001-11-01'"))
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {"draft": 1, "report": 1}
    async with database.snapshot() as session:
        for table in ("report", "report_revision", "report_step", "report_signature", "report_snapshot"):
            assert (await session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0, table
    await desk.reporting.seal()
    assert (await verify_chain(database)).faults == []
