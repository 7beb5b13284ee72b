"""The keeper in the background: takes up what ran out of time, so that whoever is called next is told."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.audit_api.escalations.service import move_what_ran_out
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger

_log = get_logger(__name__)
_EVERY_SECONDS = 30.0


async def keep_escalations(app: FastAPI) -> None:
    """Look twice a minute; several replicas share the work by passing over rows that another holds."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    while True:
        try:
            async with database.transaction() as session:
                await move_what_ran_out(session, clock.now())
        except Exception as error:
            # Readers and changes see it moved up all the same; the next turn writes it down.
            _log.warning("escalations_wait", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
