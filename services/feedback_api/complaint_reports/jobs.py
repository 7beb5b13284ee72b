"""The keeper in the background that produces each complaints report on the day after its period ends."""

from __future__ import annotations

import asyncio
from datetime import datetime

from fastapi import FastAPI

from services.feedback_api.complaint_reports.producing import due_periods, produce_first
from shared.auth.caller import system_caller
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger

_log = get_logger(__name__)
_EVERY_SECONDS = 600.0


async def produce_reports(database: Database, now: datetime) -> list[str]:
    """Produce every report that is due, each by itself; answers the periods of those produced."""
    caller, done = system_caller("complaint-reports"), []
    async with database.snapshot() as session:
        due = await due_periods(session, now)
    for period in due:
        try:
            async with database.transaction() as session:
                if await produce_first(session, caller, period, now):
                    done.append(period.code)
        except Exception as error:
            # One that cannot be produced must not hold up the others; it stays due.
            _log.error("complaint_report_waits", period=period.code, exc_info=error)
    return done


async def keep_reports(app: FastAPI) -> None:
    """Look every ten minutes; of several replicas the first produces, and one that was down catches up."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    while True:
        try:
            await produce_reports(database, clock.now())
        except Exception as error:
            # What is due stays due: the next turn produces it.
            _log.warning("complaint_reports_wait", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
