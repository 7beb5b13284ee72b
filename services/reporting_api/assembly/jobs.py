"""Drafts that the clock asks for: claimed with a lease, stored in the transaction that ends the job."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.assembly.brief import end_of, read_brief
from services.reporting_api.assembly.errors import NoLongerDraft, NotYetOwed, OccurrenceWithdrawn
from services.reporting_api.assembly.material import gather_material
from services.reporting_api.assembly.service import drafted_as_of, find_occurrence, store_assembly
from services.reporting_api.occurrences import c, table
from shared.auth.caller import system_caller
from shared.jobs import Claim, finish, run_jobs

ASSEMBLE = "assemble"
ASSEMBLER = system_caller("assembler")


async def run_assemblies(app: FastAPI) -> None:
    """Do assemblies from the queue until cancelled."""

    async def work(held: Claim) -> None:
        await assemble(app, held)

    await run_jobs(app.state.database, {ASSEMBLE: work})


async def assemble(app: FastAPI, held: Claim) -> None:
    """One draft. Whoever was overtaken, by a person or another worker, stores nothing."""
    wanted = UUID(held.payload["occurrence"])
    database, clock = app.state.database, app.state.clock
    async with database.transaction() as session:
        row = await find_occurrence(session, ASSEMBLER, wanted, lock=True)
        overtaken = row.assemblies != held.payload["assemblies"] or row.withdrawn_on is not None
        if overtaken:
            await finish(session, held, {"done": False})
            return
        if row.stage == "due":
            await session.execute(
                sa.update(table).where(c.id == wanted).values(stage="assembling", version=c.version + 1)
            )
        threshold = app.state.settings.small_number_threshold
        cut_off = await _cut_off(session, row)
        brief = await read_brief(session, row, clock.now(), clock.today(), threshold, cut_off)
        if brief is None:
            await finish(session, held, {"done": False})
            return
    material = await gather_material(database, app.state.neighbours, brief, None)
    async with database.transaction() as session:
        row = await find_occurrence(session, ASSEMBLER, wanted, lock=True)
        result: dict[str, object] = {"done": False}
        if row.assemblies == held.payload["assemblies"]:
            try:
                report = await store_assembly(session, ASSEMBLER, row, material, clock.today())
                result = {"done": True, "report": str(report)}
            except (NoLongerDraft, NotYetOwed, OccurrenceWithdrawn):
                pass
        await finish(session, held, result)


async def _cut_off(session: AsyncSession, row: Any) -> datetime | None:
    """The end of the day it is due, so that a report caught up late tells what it would have told in time.

    None, which is now, for a correction and for a draft that a person has taken further than that day.
    """
    in_time = end_of(row.due_on)
    if row.stage == "published":
        return None
    told = await drafted_as_of(session, row.id)
    return None if told is not None and told > in_time else in_time
