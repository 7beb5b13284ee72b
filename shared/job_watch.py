"""Work in the background that is late or has failed, for the metrics of each service."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import sqlalchemy as sa

from shared.database import Database
from shared.logging import get_logger
from shared.telemetry import Telemetry

_log = get_logger(__name__)
_EVERY_SECONDS = 30.0
_COUNT = sa.text("""
SELECT count(*) FILTER (WHERE status = 'failed' AND finished_at > now() - interval '1 day') AS failed,
       count(*) FILTER (WHERE status = 'queued' AND not_before < now() - interval '5 minutes'
                           OR status = 'running' AND lease_until < now() - interval '1 minute') AS overdue
FROM job WHERE status IN ('queued', 'running') OR status = 'failed' AND finished_at > now() - interval '1 day'
""")


@dataclass
class JobWatch:
    """What was counted last; not a number until then, and while the database is away."""

    failed: float = float("nan")
    overdue: float = float("nan")

    def watch(self, telemetry: Telemetry) -> None:
        telemetry.watch("qapf_jobs_failed", "Jobs given up in the last day.", lambda: self.failed)
        telemetry.watch("qapf_jobs_overdue", "Jobs due for five minutes that nobody does.", lambda: self.overdue)

    async def count(self, database: Database) -> None:
        async with database.snapshot() as session:
            row = (await session.execute(_COUNT)).one()
        self.failed, self.overdue = row.failed, row.overdue


async def watch_jobs(database: Database, telemetry: Telemetry) -> None:
    """Count for ever, twice a minute."""
    seen = JobWatch()
    seen.watch(telemetry)
    while True:
        try:
            await seen.count(database)
        except Exception as error:
            seen.failed = seen.overdue = float("nan")
            _log.warning("jobs_not_counted", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
