"""The order of locks: whoever holds an occurrence may go on to its report, and never the other way round."""

from __future__ import annotations

import asyncio
from uuid import UUID

import sqlalchemy as sa

from services.reporting_api import editions
from services.reporting_api.occurrences import c, table
from tests.reporting_api.conftest import CLOSING, Desk

_WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def _until_one_waits(desk: Desk) -> None:
    for _ in range(200):
        async with desk.reporting.database.snapshot() as session:
            if (await session.execute(_WAITING)).scalar_one():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits for a lock")


async def test_a_change_that_waits_for_an_assembly_does_not_hold_the_report_it_writes_to(desk: Desk) -> None:
    draft = await desk.draft()
    report = UUID(draft["id"])
    async with desk.reporting.database.transaction() as assembly:
        await assembly.execute(sa.select(table).where(c.id == UUID(draft["occurrence"])).with_for_update())
        change = asyncio.create_task(desk.step(draft["id"], "edit", CLOSING))
        await _until_one_waits(desk)
        held = sa.select(editions.c.version).where(editions.c.id == report).with_for_update(nowait=True)
        assert (await assembly.execute(held)).scalar_one() == 1
    assert (await change).status_code == 200
