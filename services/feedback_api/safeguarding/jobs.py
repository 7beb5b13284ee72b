"""The keeper in the background: takes up flags nobody answered, and shows on-call people how many wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI

from services.feedback_api.safeguarding.queries import count_open
from services.feedback_api.safeguarding.service import escalate_what_ran_out
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger
from shared.telemetry import Telemetry

_log = get_logger(__name__)
_EVERY_SECONDS = 15.0


@dataclass
class Waiting:
    """What the metrics say of the queue, as it was last looked at; not a number until then."""

    waiting: float = float("nan")
    overdue: float = float("nan")
    oldest_seconds: float = float("nan")

    def watch(self, telemetry: Telemetry) -> None:
        """Show them with the other metrics of the service."""
        telemetry.watch("qapf_safeguarding_flags_waiting", "Flags nobody has acknowledged yet.", lambda: self.waiting)
        telemetry.watch("qapf_safeguarding_flags_overdue", "Open flags past their time.", lambda: self.overdue)
        telemetry.watch(
            "qapf_safeguarding_oldest_flag_seconds",
            "How long the oldest flag has waited to be acknowledged.",
            lambda: self.oldest_seconds,
        )


async def look_after_flags(database: Database, now: datetime, seen: Waiting) -> int:
    """Take up what ran out of time and count what is open; how many went up."""
    async with database.transaction() as session:
        moved = await escalate_what_ran_out(session, now)
        row = await count_open(session, now)
    seen.waiting, seen.overdue = row.waiting, row.overdue
    seen.oldest_seconds = (now - row.oldest).total_seconds() if row.oldest else 0.0
    return moved


async def keep_flags(app: FastAPI) -> None:
    """Look four times a minute; of several replicas one takes up each flag, and each shows the whole queue."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    seen = Waiting()
    seen.watch(app.state.telemetry)
    while True:
        try:
            await look_after_flags(database, clock.now(), seen)
        except Exception as error:
            # An old count would look like a calm queue.
            seen.waiting = seen.overdue = seen.oldest_seconds = float("nan")
            _log.warning("flags_wait", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
