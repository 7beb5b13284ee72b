"""The table of what people sent without a login, kept whole until somebody has decided what becomes of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, codes, text

_WAITING = sa.text("state = 'waiting'")


class PublicSubmission(Table, table=True):
    """One submission in quarantine. Of when it came only the day is kept, and its key tells nothing of its order."""

    __tablename__ = "public_submission"
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting','released','merged','set_aside')", name="state"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        sa.CheckConstraint("age_band IN ('under 1','1-4','5-9','10-15','16+')", name="age_band"),
        sa.CheckConstraint("consent IN ('shared','anonymous','internal_only')", name="consent"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("(state = 'released') = (view_id IS NOT NULL)", name="released"),
        sa.CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged"),
        sa.CheckConstraint("merged_into <> id", name="not_into_itself"),
        sa.CheckConstraint("version >= 1", name="version"),
        # For what it goes with.
        sa.Index("ix_public_submission_view_id", "view_id", postgresql_where=sa.text("view_id IS NOT NULL")),
        sa.Index("ix_public_submission_merged", "merged_into", postgresql_where=sa.text("merged_into IS NOT NULL")),
        sa.Index("ix_public_submission_received_on", "received_on", "id"),
        sa.Index("ix_public_submission_waiting", "received_on", "id", postgresql_where=_WAITING),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    version: int
    state: str = text()
    unit: str = text()
    received_on: date
    channel: str | None = text(default=None, nullable=True)
    respondent_group: str | None = text(default=None, nullable=True)
    age_band: str | None = text(default=None, nullable=True)
    rating: int | None = Field(default=None, sa_type=sa.SmallInteger, nullable=True)
    consent: str | None = text(default=None, nullable=True)
    what_works: str | None = text(default=None, nullable=True)
    what_should_change: str | None = text(default=None, nullable=True)
    # What was sent and fits no field, each with its place, so that nothing is lost.
    left_over: list[dict[str, Any]] = Field(sa_type=JSONB)
    flag_reasons: list[str] = codes()
    identifiers: list[str] = codes()
    decided_by: str | None = text(default=None, nullable=True)
    decided_at: datetime | None = Field(default=None, sa_type=MOMENT, nullable=True)
    reason: str | None = text(default=None, nullable=True)
    view_id: UUID | None = Field(default=None, foreign_key="view.id")
    merged_into: UUID | None = Field(default=None, foreign_key="public_submission.id")
