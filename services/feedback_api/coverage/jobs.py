"""The keeper in the background that tells on its day how many took part in a quarter, before a record may leave."""

from __future__ import annotations

import asyncio
from datetime import datetime

from fastapi import FastAPI

from services.feedback_api.coverage.service import View
from services.feedback_api.coverage.told_once import people_told
from services.feedback_api.spans import first_told
from shared.clock import Clock, local_date
from shared.database import Database
from shared.logging import get_logger

_log = get_logger(__name__)
_EVERY_SECONDS = 300.0


async def tell_people(database: Database, now: datetime, threshold: int) -> bool:
    """Tell the quarter that is told from today on; one that was due on an earlier day is left to its readers."""
    quarter = first_told(local_date(now))
    everywhere = View(None, None, protected=True, threshold=threshold)
    return quarter is not None and await people_told(database, quarter, everywhere, now) is not None


async def keep_told(app: FastAPI) -> None:
    """Look every five minutes; of several replicas the first tells."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    while True:
        try:
            await tell_people(database, clock.now(), app.state.settings.small_number_threshold)
        except Exception as error:
            # The next turn of the same day tells it, or its first reader.
            _log.warning("participation_waits", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
