"""The table of secret addresses at which calendar programs read the schedule."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, now, text
from shared.ids import new_id


class CalendarAddress(Table, table=True):
    """What one person's calendar program may read without a login; of the secret only its hash is kept."""

    __tablename__ = "calendar_address"
    __table_args__ = (
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_calendar_address_holder", "holder", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = text()
    board: str | None = text(default=None)
    unit: str | None = text(default=None)
    holder: str = text()
    secret_hash: bytes = Field(sa_type=sa.LargeBinary, unique=True)
    expires_on: date
    version: int = 1
    made_at: datetime = now()
    revoked_at: datetime | None = moment(default=None)
    revoked_by: str | None = text(default=None)
