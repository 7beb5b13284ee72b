"""Deliveries that nobody sends and receivers that were given up, for the metrics of the service."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from fastapi import FastAPI

from services.reporting_api.deliveries.queue import d, deliveries
from services.reporting_api.receivers import c, webhooks
from shared.database import Database
from shared.logging import get_logger
from shared.telemetry import Telemetry

_log = get_logger(__name__)
_EVERY_SECONDS = 30.0
_LATE = timedelta(minutes=10)


@dataclass
class DeliveryWatch:
    """What was counted last; not a number until then, and while the database is away."""

    overdue: float = float("nan")
    disabled: float = float("nan")

    def watch(self, telemetry: Telemetry) -> None:
        meaning = "Deliveries due for ten minutes that nobody sends."
        telemetry.watch("qapf_deliveries_overdue", meaning, lambda: self.overdue)
        telemetry.watch("qapf_webhooks_disabled", "Receivers that were given up.", lambda: self.disabled)

    async def count(self, database: Database, now: datetime) -> None:
        """Count anew. Whoever waits because a receiver is unwell waits as he should."""
        late = now - _LATE
        ready = sa.or_(c.not_before.is_(None), c.not_before < late)
        joined = sa.join(deliveries, webhooks, d.webhook == c.id)
        overdue = (
            sa.select(sa.func.count())
            .select_from(joined)
            .where(ready, c.status == "active", d.status == "waiting", d.next_attempt_at < late)
        )
        disabled = sa.select(sa.func.count()).select_from(webhooks).where(c.status == "disabled")
        async with database.snapshot() as session:
            statement = sa.select(overdue.scalar_subquery(), disabled.scalar_subquery())
            self.overdue, self.disabled = (await session.execute(statement)).one()


async def watch_deliveries(app: FastAPI) -> None:
    """Count for ever, twice a minute."""
    seen = DeliveryWatch()
    seen.watch(app.state.telemetry)
    while True:
        try:
            await seen.count(app.state.database, app.state.clock.now())
        except Exception as error:
            seen.overdue = seen.disabled = float("nan")
            _log.warning("deliveries_not_counted", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
