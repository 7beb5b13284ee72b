"""The keeper in the background: months that have settled are counted and a quarter is told before anyone asks."""

from __future__ import annotations

import asyncio
from datetime import datetime

from fastapi import FastAPI

from services.feedback_api.counting import KINDS
from services.feedback_api.spans import first_told
from services.feedback_api.summary.releases import read_release
from services.feedback_api.tallies import keep_newest
from shared.clock import Clock, local_date
from shared.database import Database
from shared.logging import get_logger

_log = get_logger(__name__)
_EVERY_SECONDS = 300.0


async def keep_all(database: Database, now: datetime) -> int:
    """Keep what has settled of every kind, one month at a time; answers how many were counted."""
    counted = 0
    for kind in KINDS:
        while True:
            async with database.transaction() as session:
                if not await keep_newest(session, kind, now):
                    break
            counted += 1
    return counted


async def tell_due(database: Database, now: datetime, threshold: int) -> bool:
    """Make the release of the quarter that is told from today on; on other days whoever asks first makes it.

    A quarter that was due earlier and is not told may only now be being loaded: it is left to its readers.
    """
    quarter = first_told(local_date(now))
    return quarter is not None and await read_release(database, [quarter], now, threshold, "feedback") is not None


async def keep_tallies(app: FastAPI) -> None:
    """Look every five minutes; replicas that count the same keep the same, and tell what the first of them told."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    while True:
        try:
            await keep_all(database, clock.now())
            await tell_due(database, clock.now(), app.state.settings.small_number_threshold)
        except Exception as error:
            # Readers count for themselves what is not kept.
            _log.warning("tallies_wait", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
