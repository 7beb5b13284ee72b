"""The keeper in the background: counts the themes of months that have settled, so that a reader finds them counted."""

from __future__ import annotations

import asyncio
from datetime import datetime

from fastapi import FastAPI

from services.feedback_api.tallies import keep_months
from services.feedback_api.counting import KINDS
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger

_log = get_logger(__name__)
_EVERY_SECONDS = 300.0


async def keep_all(database: Database, now: datetime) -> int:
    """Keep what has settled of every kind; answers how many months were counted."""
    counted = 0
    for kind in KINDS:
        async with database.transaction() as session:
            counted += await keep_months(session, kind, now)
    return counted


async def keep_tallies(app: FastAPI) -> None:
    """Look every five minutes; replicas that count the same keep the same."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    while True:
        try:
            await keep_all(database, clock.now())
        except Exception as error:
            # Readers count for themselves what is not kept.
            _log.warning("theme_tallies_wait", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
