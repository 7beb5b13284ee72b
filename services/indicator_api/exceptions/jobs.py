"""The keeper in the background: whatever no import brought up to date itself, and each new month and framework."""

from __future__ import annotations

import asyncio
import time

from fastapi import FastAPI

from services.indicator_api.exceptions.keeping import keep
from services.indicator_api.exceptions.protected import keep_next
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger

_log = get_logger(__name__)
_EVERY_SECONDS, _REST = 2.0, 9.0


async def keep_exceptions(app: FastAPI) -> None:
    """Look every two seconds, and after a full pass only when nine times as long has gone by: a load of many files is
    not slowed by more than a tenth. With several replicas one is the keeper, and the others lose nothing by trying."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    while True:
        begun = time.monotonic()
        try:
            async with database.transaction() as session:
                await keep(session, clock.now())
        except Exception as error:
            # Readers compute what is not kept; the next turn tries again.
            _log.warning("exceptions_wait", error=type(error).__name__)
        await asyncio.sleep(max(_EVERY_SECONDS, _REST * (time.monotonic() - begun)))


async def keep_protected_exceptions(app: FastAPI) -> None:
    """One indicator after the other as long as any is due, each followed by a rest nine times as long."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    threshold = app.state.settings.small_number_threshold
    while True:
        begun, kept = time.monotonic(), False
        try:
            async with database.transaction() as session:
                kept = await keep_next(session, clock.now(), threshold)
        except Exception as error:
            _log.warning("protected_exceptions_wait", error=type(error).__name__)
        await asyncio.sleep(_REST * (time.monotonic() - begun) if kept else _EVERY_SECONDS)
