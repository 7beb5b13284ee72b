"""Deliveries as rows: made from the activity, claimed with a lease, ended by what the receiver acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import publishings
from services.reporting_api.deliveries.sending import Outcome
from services.reporting_api.models import Delivery, DeliveryAttempt
from services.reporting_api.receivers import c, webhooks
from services.reporting_api.registry import table_of
from shared.activity.record import record_activity
from shared.activity.sealer import read_head
from shared.auth.caller import system_caller
from shared.database import Database
from shared.ids import new_id
from shared.logging import get_logger
from shared.organisation.units import units_below

_log = get_logger(__name__)
COURIER = system_caller("courier")
LEASE_SECONDS = 60
# A receiver that was down for a day is tried after it: a day and a half in all.
WAITS = (5, 60, 300, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800, 28_800)
# One that acknowledged nothing for so long is left alone until somebody takes it up again.
PATIENCE = timedelta(days=3)
# These tell of the receiver rather than of the one event: everything else for it waits as well.
_UNWELL = ("rate_limited", "timeout", "unreachable", "tls", "private_address")
_AT_ONCE = 500
deliveries, attempts = table_of(Delivery), table_of(DeliveryAttempt)
d = deliveries.c


@dataclass(frozen=True)
class Held:
    """A delivery this worker has until its lease ends, with all it takes to send it."""

    id: UUID
    webhook: UUID
    event: UUID
    body: str
    owner: UUID
    url: str
    secrets: Sequence[bytes]


async def hand_out(database: Database, now: datetime) -> None:
    """Make the deliveries of what was sealed since each active receiver was last served; every event once each."""
    async with database.transaction() as session:
        head = await read_head(session)
        behind = sa.select(webhooks).where(c.status == "active", c.position < head.position).order_by(c.id)
        rows = (await session.execute(behind.with_for_update(skip_locked=True))).all()
        if not rows:
            return
        since = min(row.position for row in rows)
        found = publishings.SELECT.where(publishings.position.between(since + 1, head.position)).limit(_AT_ONCE)
        news = (await session.execute(found)).all()
        reached = news[-1].position if len(news) == _AT_ONCE else head.position
        for row in rows:
            if reached > row.position:
                await _hand_to(session, row, news, reached, now)


async def _hand_to(session: AsyncSession, row: Any, news: Sequence[Any], reached: int, now: datetime) -> None:
    units = None if row.unit is None else await units_below(session, row.unit)
    made = [
        {"id": new_id(), "webhook": row.id, "event": one.event, "event_type": one.action, "body": message(one),
         "status": "waiting", "attempts": 0, "tries": 0, "next_attempt_at": now, "created_at": now}
        for one in news
        if one.position > row.position
        and one.action in row.events
        and (not row.boards or set(row.boards) & set(one.boards))
        and (units is None or one.unit in units)
    ]  # fmt: skip
    if made:
        await session.execute(insert(deliveries).values(made).on_conflict_do_nothing())
    await session.execute(sa.update(webhooks).where(c.id == row.id).values(position=reached))


def message(one: Any) -> str:
    """What is sent: which report, never what is in it."""
    about = {
        "report": str(one.id), "code": one.report, "title": one.title, "period": one.period, "edition": one.edition,
        "boards": one.boards, "document": f"/v1/reports/{one.id}", "position": one.position,
    }  # fmt: skip
    if "board" in one.data:
        about["board"] = one.data["board"]
    return to_json({"type": one.action, "timestamp": one.at, "data": about}).decode()


async def receivers_due(database: Database, now: datetime) -> list[UUID]:
    """The receivers for whom something is to be sent now."""
    waiting = sa.exists().where(d.webhook == c.id, d.status == "waiting", d.next_attempt_at <= now)
    ready = sa.or_(c.not_before.is_(None), c.not_before <= now)
    async with database.snapshot() as session:
        statement = sa.select(c.id).where(c.status == "active", ready, waiting).order_by(c.id)
        return list((await session.execute(statement)).scalars())


async def claim(database: Database, webhook: UUID, now: datetime) -> Held | None:
    """Take the delivery that has waited longest; the lease is by the database's clock, the waiting by ours."""
    free = sa.or_(d.lease_until.is_(None), d.lease_until < sa.func.clock_timestamp())
    ready = sa.or_(c.not_before.is_(None), c.not_before <= now)
    due = (
        sa.select(d.id)
        .join(webhooks, c.id == d.webhook)
        .where(d.webhook == webhook, d.status == "waiting", d.next_attempt_at <= now, free, c.status == "active", ready)
        .order_by(d.next_attempt_at, d.id)
        .limit(1)
        .with_for_update(of=[deliveries], skip_locked=True)
        .scalar_subquery()
    )
    lease = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, LEASE_SECONDS)
    statement = (
        sa.update(deliveries)
        .where(d.id == due, d.webhook == c.id)
        .values(owner=uuid4(), lease_until=lease)
        .returning(d.id, d.webhook, d.event, d.body, d.owner, c.url, c.secret, c.earlier_secret, c.earlier_secret_until)
    )
    async with database.transaction() as session:
        row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    both = row.earlier_secret is not None and row.earlier_secret_until > now
    keys = [row.secret, row.earlier_secret] if both else [row.secret]
    return Held(row.id, row.webhook, row.event, row.body, row.owner, row.url, keys)


async def conclude(session: AsyncSession, held: Held, outcome: Outcome, now: datetime) -> bool:
    """Keep how it ended, if it is still ours; another who took it over tells of it himself."""
    statement = sa.select(deliveries).where(d.id == held.id, d.owner == held.owner).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return False
    await session.execute(
        sa.insert(attempts).values(
            delivery=row.id, number=row.attempts + 1, attempted_at=now, outcome=outcome.kind,
            response_status=outcome.status, took_ms=outcome.took_ms,
        )
    )  # fmt: skip
    values: dict[str, Any] = {"owner": None, "lease_until": None, "attempts": row.attempts + 1, "tries": row.tries + 1}
    if outcome.kind == "acknowledged":
        values |= {"status": "acknowledged", "acknowledged_at": now}
    elif outcome.kind != "gone":
        # What a receiver gone for good was not told waits for the day somebody takes it up again.
        given_up = row.tries >= len(WAITS)
        values |= {"status": "given_up"} if given_up else {"next_attempt_at": now + _wait(row.tries, outcome)}
    await session.execute(sa.update(deliveries).where(d.id == row.id).values(**values))
    await _tell_receiver(session, held.webhook, outcome, now)
    return True


def _wait(tries: int, outcome: Outcome) -> timedelta:
    return timedelta(seconds=max(WAITS[min(tries, len(WAITS) - 1)], outcome.retry_after or 0))


async def _tell_receiver(session: AsyncSession, webhook: UUID, outcome: Outcome, now: datetime) -> None:
    row = (await session.execute(sa.select(webhooks).where(c.id == webhook).with_for_update())).one()
    values: dict[str, Any] = {"failures": 0, "failing_since": None, "not_before": None}
    if outcome.kind != "acknowledged":
        since = row.failing_since or now
        values = {"failures": row.failures + 1, "failing_since": since}
        if outcome.kind in _UNWELL or outcome.retry_after is not None:
            values["not_before"] = now + _wait(row.failures, outcome)
        reason = "gone" if outcome.kind == "gone" else "unreachable" if now - since >= PATIENCE else None
        if reason and row.status in ("active", "paused"):
            values |= {"status": "disabled", "disabled_reason": reason}
            _log.warning("webhook_disabled", reason=reason)
            data = {"reason": reason}
            await record_activity(session, COURIER, "webhook.disabled", "webhook", webhook, unit=row.unit, data=data)
    elif row.failures == 0 and row.not_before is None:
        return
    await session.execute(sa.update(webhooks).where(c.id == webhook).values(**values))
