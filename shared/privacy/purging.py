"""The purge: what was kept long enough and is on no hold leaves, oldest first, a batch in each transaction."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from shared.activity.record import record_activity
from shared.auth.caller import Caller, system_caller
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger
from shared.privacy.disposing import Disposal, lock_disposals
from shared.privacy.holdings import Holdings
from shared.privacy.retention import lock_due, read_periods
from shared.tables import activity_cut

_log = get_logger(__name__)
BATCH = 500
_EVERY_SECONDS = 3600.0
_ACTIVITY = "activity"
# The end of the log that is old enough throughout: nothing younger stands before it, and nothing is on hold.
_OLD_END = """
SELECT s.position, s.hash FROM activity_seal s JOIN activity a ON a.id = s.activity_id
WHERE s.position < (
  SELECT min(s2.position) FROM activity_seal s2 JOIN activity a2 ON a2.id = s2.activity_id
  WHERE CAST(a2.at AS date) > CAST(CAST(:today AS date) - make_interval(years => :years) AS date))
  AND NOT EXISTS (SELECT FROM legal_hold WHERE lifted_at IS NULL)
ORDER BY s.position DESC LIMIT 1
"""
_LEAVE = (
    """
WITH gone AS (DELETE FROM activity_seal WHERE position <= :position RETURNING activity_id)
SELECT activity_id FROM gone
""",
    "DELETE FROM activity WHERE id = ANY(CAST(:ids AS uuid[]))",
)


@dataclass(frozen=True)
class Purged:
    """What left by kind, and whether more is due than one batch takes."""

    records: Mapping[str, int]
    more: bool


async def purge_batch(
    session: AsyncSession, holdings: Holdings, caller: Caller, today: date, most: int = BATCH
) -> Purged:
    """Purge up to `most` of each kind in this transaction."""
    await lock_disposals(session)
    periods = await read_periods(session)
    work = Disposal(session, holdings, caller)
    begun, more = False, False
    for kind in holdings.kinds:
        if kind.retention not in periods:
            continue
        years, room = int(periods[kind.retention]["keep_years"]), most
        # What was replaced falls due when its replacement has left.
        while keys := await lock_due(session, holdings, kind, years, today, room):
            if not begun:
                await work.begin("retention")
                begun = True
            await work.take_out(kind, keys)
            room -= len(keys)
        more = more or room == 0
    if begun:
        await work.end()
    return Purged(dict(work.counts), more)


async def cut_activity(session: AsyncSession, holdings: Holdings, caller: Caller, today: date) -> int:
    """Let the old end of the activity log leave, up to a deed that the rest of the chain goes on from."""
    await lock_disposals(session)
    period = (await read_periods(session)).get(_ACTIVITY)
    if period is None:
        return 0
    given = {"years": int(period["keep_years"]), "today": today}
    end = (await session.execute(sa.text(_OLD_END), given)).one_or_none()
    if end is None:
        return 0
    work = Disposal(session, holdings, caller)
    await work.begin("retention")
    await session.execute(sa.insert(activity_cut).values(position=end.position, hash=end.hash, disposal=work.id))
    gone = (await session.execute(sa.text(_LEAVE[0]), {"position": end.position})).scalars().all()
    await session.execute(sa.text(_LEAVE[1]), {"ids": list(gone)})
    data = {"cut": {"position": end.position, "hash": end.hash.hex()}, "records": {_ACTIVITY: len(gone)}}
    await record_activity(session, caller, "privacy.activity_cut", "disposal", work.id, data=data)
    return len(gone)


async def purge_all(database: Database, holdings: Holdings, caller: Caller, today: date) -> Mapping[str, int]:
    """Purge until nothing is due."""
    counts: Counter[str] = Counter()
    while True:
        async with database.transaction() as session:
            done = await purge_batch(session, holdings, caller, today)
        counts.update(done.records)
        if not done.more:
            break
    async with database.transaction() as session:
        if cut := await cut_activity(session, holdings, caller, today):
            counts[_ACTIVITY] = cut
    return dict(counts)


async def keep_purging(app: FastAPI) -> None:
    """Look every hour; replicas take turns, and what one has purged the next does not find."""
    database: Database = app.state.database
    clock: Clock = app.state.clock
    holdings: Holdings = app.state.holdings
    while True:
        try:
            counts = await purge_all(database, holdings, system_caller("retention"), clock.today())
            if counts:
                _log.info("purged", count=len(counts), rows=sum(counts.values()))
        except Exception as error:
            _log.warning("purge_waits", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
