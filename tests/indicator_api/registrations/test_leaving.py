"""Registrations of staff who left leave too, with what was recorded before and the staff number in the logs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from shared.activity.verify import verify_chain
from shared.clock import FixedClock
from tests.indicator_api.registrations.test_register import item, send


async def test_a_leavers_registration_goes_after_its_years_with_its_history_and_number(start: Any) -> None:
    indicator = await start("indicator", clock=FixedClock(datetime(2033, 1, 3, 9, tzinfo=UTC)))
    ingest, officer = await indicator.client("ingest_client"), await indicator.client("data_protection_officer")
    await send(ingest, [item(1, left_on="2026-10-31"), item(2)])
    await send(ingest, [item(1, left_on="2026-11-30"), item(2)])
    person = {"subject": {"by": "person", "reference": "SYN-0001"}}
    held = (await officer.post("/v1/privacy/subject-access", json=person)).json()["held"]
    assert {one["table"] for one in held} == {"registration", "registration_history"}
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"]["registration"] == 1
    async with indicator.database.snapshot() as session:
        for table in ("registration", "registration_history", "read_log"):
            rows = (await session.execute(sa.text(f"SELECT to_jsonb(x)::text FROM {table} x"))).scalars().all()
            assert not [row for row in rows if "SYN-0001" in row]
        assert (await session.execute(sa.text("SELECT count(*) FROM registration"))).scalar_one() == 1
    await indicator.seal()
    assert (await verify_chain(indicator.database)).faults == []
