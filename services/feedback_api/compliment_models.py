"""The tables of compliments."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import FromRespond, History, text


class Compliment(FromRespond, table=True):
    """A compliment, as the complaints system recorded it."""

    __tablename__ = "compliment"
    __table_args__ = (
        sa.UniqueConstraint("respond_ref"),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.CheckConstraint("merged_into <> id", name="merged_elsewhere"),
        sa.Index("ix_compliment_changed_at", "changed_at"),
        sa.Index("ix_compliment_merged", "merged_into", postgresql_where=sa.text("merged_into IS NOT NULL")),
        sa.Index("ix_compliment_group", sa.text("COALESCE(merged_into, id)")),
        sa.Index("ix_compliment_received_on", "received_on", "id", postgresql_include=["unit"]),
    )

    words: str | None = text(default=None, nullable=True)
    merged_into: UUID | None = Field(default=None, foreign_key="compliment.id")


class ComplimentHistory(History, table=True):
    __tablename__ = "compliment_history"
    __table_args__ = (sa.Index("ix_compliment_history_superseded_at", "superseded_at"),)
    compliment_id: UUID = Field(foreign_key="compliment.id", primary_key=True)
    version: int = Field(primary_key=True)
