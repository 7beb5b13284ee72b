"""A published report leaves after its years, final rows and all, and by no other way."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from shared.activity.verify import verify_chain
from tests.reporting_api.conftest import Desk


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
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {"report": 1}
    async with database.snapshot() as session:
        for table in ("report", "report_revision", "report_step", "report_signature", "report_snapshot"):
            assert (await session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0, table
    await desk.reporting.seal()
    assert (await verify_chain(database)).faults == []
