"""The keeper in the background that gives reminders."""

from __future__ import annotations

import asyncio
from datetime import datetime

from fastapi import FastAPI

from services.audit_api.worklists.reminders import remind
from services.audit_api.worklists.things import KINDS
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger

_log = get_logger(__name__)
_EVERY_SECONDS = 600.0


async def remind_of_all(database: Database, now: datetime) -> int:
    """Give every reminder that is due; answers how many."""
    given = 0
    for kind in KINDS:
        # There is no record yet to be reminded of.
        if kind == "unmade_slot":
            continue
        async with database.transaction() as session:
            given += await remind(session, kind, now)
    return given


async def keep_reminding(app: FastAPI) -> None:
    """Look every ten minutes; of several replicas the first gives each reminder."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    while True:
        try:
            await remind_of_all(database, clock.now())
        except Exception as error:
            # A reminder of a stage is given as long as the stage lasts.
            _log.warning("reminders_wait", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
