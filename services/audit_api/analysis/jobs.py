"""The keeper in the background: counts anew what changed, so that a reader finds a year counted already."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.audit_api.analysis.kept import count_groups, keep_groups, stale_groups
from shared.database import Database
from shared.logging import get_logger

_log = get_logger(__name__)
_EVERY_SECONDS = 60.0


async def keep_all(database: Database) -> int:
    """Keep a tally of every group that has none of its present state; answers how many were kept."""
    kept = 0
    async with database.snapshot() as session:
        waiting = sorted(await stale_groups(session), reverse=True)
    while waiting:
        # The newest months first: they are read the most.
        some, waiting = waiting[:100], waiting[100:]
        async with database.snapshot() as session:
            epoch, counted = await count_groups(session, some)
        async with database.transaction() as session:
            kept += await keep_groups(session, epoch, counted)
    return kept


async def keep_tallies(app: FastAPI) -> None:
    """Look every minute; replicas that count the same keep the same."""
    database: Database = app.state.database
    while True:
        try:
            await keep_all(database)
        except Exception as error:
            # Readers count for themselves what is not kept.
            _log.warning("tallies_wait", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
