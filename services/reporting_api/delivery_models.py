"""The tables of webhooks: who is told, of what, and what each receiver acknowledged."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, now, one_of, text, texts
from shared.ids import new_id

EVENTS = ("report.published", "report.superseded", "report.acknowledged")
PING = "webhook.ping"
WEBHOOK_STATUSES = ("active", "paused", "disabled", "removed")
DELIVERY_STATUSES = ("waiting", "acknowledged", "given_up")
OUTCOMES = (
    "acknowledged", "gone", "rate_limited", "redirected", "refused", "failed", "timeout", "unreachable", "tls",
    "private_address",
)  # fmt: skip


class Webhook(Table, table=True):
    """A receiver and what it asks to be told; `position` is how far in the activity it has been served."""

    __tablename__ = "webhook"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", WEBHOOK_STATUSES), name="status"),
        sa.CheckConstraint("(status = 'disabled') = (disabled_reason IS NOT NULL)", name="disabled"),
        sa.CheckConstraint("(earlier_secret IS NULL) = (earlier_secret_until IS NULL)", name="earlier_secret"),
        sa.CheckConstraint("failures >= 0 AND version >= 1 AND position >= 0", name="counts"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = text()
    url: str = text()
    events: list[str] = texts()
    boards: list[str] = texts()
    unit: str | None = text(default=None)
    status: str = text(default="active")
    disabled_reason: str | None = text(default=None)
    secret: bytes = Field(sa_type=sa.LargeBinary)
    earlier_secret: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    earlier_secret_until: datetime | None = moment(default=None)
    position: int = Field(sa_type=sa.BigInteger)
    failures: int = 0
    failing_since: datetime | None = moment(default=None)
    not_before: datetime | None = moment(default=None)
    version: int = 1
    created_by: str = text()
    created_at: datetime = now()


class Delivery(Table, table=True):
    """One event for one receiver; `event` stays the same however often it is sent."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("webhook", "event"),
        sa.CheckConstraint(one_of("status", DELIVERY_STATUSES), name="status"),
        sa.CheckConstraint("(status = 'acknowledged') = (acknowledged_at IS NOT NULL)", name="acknowledged"),
        sa.CheckConstraint("(owner IS NULL) = (lease_until IS NULL)", name="lease"),
        sa.CheckConstraint("attempts >= 0 AND tries >= 0", name="counts"),
        sa.Index(
            "ix_webhook_delivery_waiting",
            "webhook",
            "next_attempt_at",
            postgresql_where=sa.text("status = 'waiting'"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    webhook: UUID = Field(foreign_key="webhook.id")
    event: UUID
    event_type: str = text()
    body: str = text()
    status: str = text(default="waiting")
    attempts: int = 0
    # Attempts since it was last asked for: redelivery begins the waiting times anew and forgets no attempt.
    tries: int = 0
    next_attempt_at: datetime = moment()
    acknowledged_at: datetime | None = moment(default=None)
    owner: UUID | None = None
    lease_until: datetime | None = moment(default=None)
    created_at: datetime = moment()


class DeliveryAttempt(Table, table=True):
    """One request to a receiver and how it ended; nothing of what the receiver said is kept but its status."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (sa.CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),)

    delivery: UUID = Field(foreign_key="webhook_delivery.id", primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    attempted_at: datetime = moment()
    outcome: str = text()
    response_status: int | None = Field(default=None, sa_type=sa.SmallInteger)
    took_ms: int = 0
