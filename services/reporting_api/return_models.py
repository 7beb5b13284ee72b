"""The tables of returns to the department: what was prepared, who reviewed exactly that, and when it went (R81)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, now, one_of, text
from shared.ids import new_id

RETURN_STATUSES = ("prepared", "signed", "submitted")


class DfeReturn(Table, table=True):
    """One submission of a return for one period: the first, or one that takes the place of the one before.

    Signed and submitted are of exactly one content: the database refuses a submission of any other.
    """

    __tablename__ = "dfe_return"
    __table_args__ = (
        sa.UniqueConstraint("code", "period", "submission"),
        sa.CheckConstraint("submission >= 1 AND revision >= 1 AND version >= 1", name="counts"),
        sa.CheckConstraint(one_of("status", RETURN_STATUSES), name="status"),
        sa.CheckConstraint("content_hash ~ '^[0-9a-f]{64}$'", name="content_hash"),
        sa.CheckConstraint("(submission = 1) = (resubmission_reason IS NULL)", name="resubmission"),
        sa.CheckConstraint("(status = 'submitted') = (submitted_at IS NOT NULL)", name="submitted"),
        sa.CheckConstraint(
            "status NOT IN ('signed', 'submitted') OR (signed_hash IS NOT NULL AND signed_hash = content_hash)",
            name="signed_content",
        ),
        sa.CheckConstraint(
            "signed_by IS NULL OR (signed_by <> prepared_by AND signed_by IS DISTINCT FROM submitted_by)",
            name="two_people",
        ),
        sa.CheckConstraint(
            "signed_for IS NULL OR (signed_for <> prepared_by AND signed_for IS DISTINCT FROM submitted_by)",
            name="reviewed_for",
        ),
        sa.Index(
            "uq_dfe_return_open",
            "code",
            "period",
            unique=True,
            postgresql_where=sa.text("status IN ('prepared', 'signed')"),
        ),
        sa.Index("ix_dfe_return_period", "period_end", "code"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = text()
    period: str = text()
    period_end: date
    submission: int = Field(default=1, sa_type=sa.SmallInteger)
    resubmission_reason: str | None = text(default=None)
    unit: str = text()
    reviewer_role: str = text()
    due_on: date
    status: str = text(default="prepared")
    revision: int = 1
    content_hash: str = text()
    file_name: str | None = text(default=None)
    figures: list[dict[str, Any]] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    prepared_by: str = text()
    prepared_at: datetime = moment()
    signed_by: str | None = text(default=None)
    signed_for: str | None = text(default=None)
    signed_at: datetime | None = moment(default=None)
    signed_hash: str | None = text(default=None)
    submitted_by: str | None = text(default=None)
    submitted_at: datetime | None = moment(default=None)
    receipt: str | None = text(default=None)
    version: int = 1
    created_at: datetime = now()


class DfeReturnStep(Table, table=True):
    """Everything that happened to a return, in order, with the content it happened to; never changed."""

    __tablename__ = "dfe_return_step"
    __table_args__ = (
        sa.CheckConstraint(one_of("step", ("prepared", "changed", "signed", "sent_back", "submitted")), name="step"),
        sa.Index("ix_dfe_return_step_return", "dfe_return", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    dfe_return: UUID = Field(foreign_key="dfe_return.id")
    step: str = text()
    subject: str = text()
    on_behalf_of: str | None = text(default=None)
    content_hash: str = text()
    words: str | None = text(default=None)
    taken_at: datetime = moment()
