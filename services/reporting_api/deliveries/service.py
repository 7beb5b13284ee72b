"""The log of deliveries, and messages asked for again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.deliveries.queue import attempts, d, deliveries
from services.reporting_api.deliveries.schemas import AttemptOut, DeliveryOut, DeliveryRow
from services.reporting_api.delivery_models import PING
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.problems import NotFound

_last = attempts.alias("last")
SELECT = sa.select(deliveries, _last.c.outcome, _last.c.response_status).outerjoin(
    _last, sa.and_(_last.c.delivery == d.id, _last.c.number == d.attempts)
)


async def read_delivery(session: AsyncSession, webhook: UUID, delivery: UUID) -> DeliveryOut:
    """One delivery of a webhook with its attempts; raises NotFound."""
    row = (await session.execute(SELECT.where(d.id == delivery, d.webhook == webhook))).one_or_none()
    if row is None:
        raise NotFound()
    made = sa.select(attempts).where(attempts.c.delivery == delivery).order_by(attempts.c.number)
    tried = [AttemptOut.of(one) for one in await session.execute(made)]
    return DeliveryOut(delivery=DeliveryRow.of(row), body=row.body, attempts=tried, allowed_actions=["redeliver"])


async def redeliver(session: AsyncSession, caller: Caller, receiver: Any, delivery: UUID, now: datetime) -> None:
    """Send a message again under the same id, whatever became of it; raises NotFound."""
    again = await _wait_again(session, sa.and_(d.id == delivery, d.webhook == receiver.id), now)
    if not again:
        raise NotFound()
    await _record(session, caller, receiver, again)


async def redeliver_given_up(session: AsyncSession, caller: Caller, receiver: Any, now: datetime) -> int:
    """Send everything again that was given up; returns how many."""
    again = await _wait_again(session, sa.and_(d.webhook == receiver.id, d.status == "given_up"), now)
    await _record(session, caller, receiver, again)
    return again


async def _wait_again(session: AsyncSession, which: sa.ColumnElement[bool], now: datetime) -> int:
    values = {"status": "waiting", "tries": 0, "next_attempt_at": now, "acknowledged_at": None}
    found = await session.execute(sa.update(deliveries).where(which).values(**values).returning(d.id))
    return len(found.all())


async def _record(session: AsyncSession, caller: Caller, receiver: Any, count: int) -> None:
    data = {"count": count}
    await record_activity(
        session, caller, "webhook.redelivery_asked", "webhook", receiver.id, unit=receiver.unit, data=data
    )


async def ping(session: AsyncSession, caller: Caller, receiver: Any, now: datetime) -> UUID:
    """A message that tells of nothing, to see whether it arrives and whether its signature is understood."""
    event = await record_activity(session, caller, PING, "webhook", receiver.id, unit=receiver.unit)
    delivery = new_id()
    body = to_json({"type": PING, "timestamp": now, "data": {"webhook": str(receiver.id)}}).decode()
    await session.execute(
        sa.insert(deliveries).values(
            id=delivery, webhook=receiver.id, event=event, event_type=PING, body=body, status="waiting", attempts=0,
            tries=0, next_attempt_at=now, created_at=now,
        )
    )  # fmt: skip
    return delivery
