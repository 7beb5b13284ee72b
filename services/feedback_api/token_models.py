"""The tables of one-time tokens: what a batch was issued for, and how many of it are left to use."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text
from shared.ids import new_id


class TokenBatch(Table, table=True):
    """Tokens issued together; what is known of one of them is known of all."""

    __tablename__ = "token_batch"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('view','survey')", name="kind"),
        sa.CheckConstraint("(kind = 'survey') = (about IS NOT NULL)", name="about"),
        sa.CheckConstraint("expires_at > issued_at", name="expiry"),
        sa.CheckConstraint("issued >= 1", name="issued"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_token_batch_issued_at", "issued_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int
    kind: str = text()
    about: str | None = text(default=None, nullable=True)
    unit: str = text()
    channel: str | None = text(default=None, nullable=True)
    respondent_group: str | None = text(default=None, nullable=True)
    issued: int
    issued_by: str = text()
    issued_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime = Field(sa_type=MOMENT)
    revoked_at: datetime | None = Field(default=None, sa_type=MOMENT, nullable=True)


class SubmissionToken(Table, table=True):
    """One token, by the SHA-256 of its secret until it is spent; after that only that one more was used that day."""

    __tablename__ = "submission_token"
    __table_args__ = (
        sa.UniqueConstraint("digest"),
        sa.CheckConstraint("(digest IS NULL) = (used_on IS NOT NULL)", name="forgotten_when_used"),
        sa.Index("ix_submission_token_batch", "batch_id", "used_on"),
    )

    # Of no order: a key that told when it was made would tell which of the secrets it stands for.
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    batch_id: UUID = Field(foreign_key="token_batch.id")
    digest: bytes | None = Field(default=None, sa_type=sa.LargeBinary, nullable=True)
    used_on: date | None = None
