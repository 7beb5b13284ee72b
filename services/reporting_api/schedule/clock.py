"""The clock: it only ticks; what is due stands in the database, so that a lost tick costs nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import framework_stamp
from services.reporting_api.owing import Dates
from services.reporting_api.schedule.materialise import materialise
from services.reporting_api.schedule.progress import ask_for_drafts, mark
from shared.auth.caller import system_caller
from shared.clock import Clock, SystemClock
from shared.database import Database
from shared.logging import get_logger

TICK_SECONDS = 30
_LOCK = 0x51415054
_AHEAD = timedelta(days=396)
_BACK = timedelta(days=400)
_MOST_SKEW = timedelta(minutes=5)
_log = get_logger(__name__)
CLOCK = system_caller("clock")


class Ticker:
    """One replica's clock; what it remembers only saves work and may be lost."""

    def __init__(self, database: Database, clock: Clock, most_skew: timedelta | None = None) -> None:
        self._database, self._clock, self._most_skew = database, clock, most_skew
        self._seen: tuple[object, ...] | None = None

    async def tick(self) -> bool:
        """Materialise the months ahead where anything changed, mark what time has done, ask for drafts; whether it was
        done, for a replica that waits for another's tick must not speak for it."""
        now, today = self._clock.now(), self._clock.today()
        async with self._database.transaction() as session:
            if await self._is_wrong(session, now):
                return False  # what fell due by a wrong clock could not be taken back; the other replicas tick
            if not (await session.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK)))).scalar_one():
                return False  # another replica is at it
            stamp = (today, *await framework_stamp(session))
            if stamp != self._seen:
                # What was owed before there was a schedule is not owed now: only a request goes back.
                def still_owed(dates: Dates, today: date = today) -> bool:
                    return dates.due_on is None or dates.due_on >= today

                await materialise(session, CLOCK, today - _BACK, today + _AHEAD, today, keep=still_owed)
            await mark(session, CLOCK, today)
            await ask_for_drafts(session, CLOCK, now, today)
        self._seen = stamp
        return True

    async def _is_wrong(self, session: AsyncSession, now: datetime) -> bool:
        """Whether this machine's clock is further from the database's than it may be."""
        if self._most_skew is None:
            return False
        theirs: datetime = (await session.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
        skew = abs(now - theirs)
        if skew > self._most_skew:
            _log.warning("clock_is_wrong", lag_s=round(skew.total_seconds()))
        return skew > self._most_skew


async def run_clock(app: FastAPI) -> None:
    """Tick at the start and every half minute until cancelled."""
    clock = app.state.clock
    ticker = Ticker(app.state.database, clock, _MOST_SKEW if isinstance(clock, SystemClock) else None)

    lag = app.state.telemetry.watch_lag("qapf_clock_lag_seconds", "Since the reporting clock last ticked.")

    async def tick() -> None:
        try:
            if await ticker.tick():
                lag.done()
        except Exception as error:
            _log.warning("tick_lost", error=type(error).__name__)

    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(
        tick, "interval", seconds=TICK_SECONDS, next_run_time=datetime.now(UTC),
        coalesce=True, max_instances=1, misfire_grace_time=None,
    )  # fmt: skip
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)
