"""The clock of contributions: what is due to be asked or chased stands in the database, a lost tick costs nothing."""

from __future__ import annotations

import asyncio
from datetime import date

import sqlalchemy as sa
from fastapi import FastAPI

from services.reporting_api.contributions.asking import ask_and_chase
from shared.auth.caller import system_caller
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger

TICK_SECONDS = 60
CLOCK = system_caller("contributions")
_LOCK = 0x51415052
_log = get_logger(__name__)


async def tick(database: Database, clock: Clock) -> int:
    """One round; where another replica is at it, none."""
    today: date = clock.today()
    async with database.transaction() as session:
        if not (await session.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK)))).scalar_one():
            return 0
        return await ask_and_chase(session, CLOCK, today)


async def run_contributions(app: FastAPI) -> None:
    """Ask and chase at the start and every minute until cancelled."""
    while True:
        try:
            await tick(app.state.database, app.state.clock)
        except Exception as error:
            _log.warning("contributions_not_asked", error=type(error).__name__)
        await asyncio.sleep(TICK_SECONDS)
