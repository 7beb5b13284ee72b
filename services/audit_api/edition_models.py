"""The tables of an audit's later life: its steps, the editions a correction replaced, and a correction under way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.audit_api.registry import MOMENT, TEXT, TEXTS, Table


class AuditStep(Table, table=True):
    """What brought an audit to one of its versions: who, when, why, and which answers and parts changed."""

    __tablename__ = "audit_step"
    __table_args__ = (
        sa.CheckConstraint(
            "kind IN ('saved', 'submitted', 'view_added', 'closed', 'reopened', 'reallocated', 'withdrawn',"
            " 'moderation_begun', 'second_graded', 'moderated', 'moderation_withdrawn')",
            name="kind",
        ),
    )
    audit_id: UUID = Field(primary_key=True, foreign_key="audit.id")
    version: int = Field(primary_key=True)
    kind: str = Field(sa_type=TEXT)
    by: str = Field(sa_type=TEXT)
    at: datetime = Field(sa_type=MOMENT)
    reason: str | None = Field(default=None, sa_type=TEXT)
    questions: list[str] = Field(sa_type=TEXTS)
    parts: list[str] = Field(sa_type=TEXTS)
    data: dict[str, Any] = Field(sa_type=JSONB)


class AuditEdition(Table, table=True):
    """A submission that a corrected one has replaced, kept whole."""

    __tablename__ = "audit_edition"
    audit_id: UUID = Field(primary_key=True, foreign_key="audit.id")
    number: int = Field(primary_key=True)
    submitted_on: date
    submitted_at: datetime = Field(sa_type=MOMENT)
    submitted_by: str = Field(sa_type=TEXT)
    quality_grade: str | None = Field(default=None, sa_type=TEXT)
    outcomes_grade: str | None = Field(default=None, sa_type=TEXT)
    process_grade: str | None = Field(default=None, sa_type=TEXT)
    content: dict[str, Any] = Field(sa_type=JSONB)
    reopened_at: datetime = Field(sa_type=MOMENT)
    reopened_by: str = Field(sa_type=TEXT)
    reopened_why: str = Field(sa_type=TEXT)
    superseded_at: datetime = Field(sa_type=MOMENT)


class AuditCorrection(Table, table=True):
    """The draft of a re-opened audit, apart from the submission that counts until this one is submitted."""

    __tablename__ = "audit_correction"
    audit_id: UUID = Field(primary_key=True, foreign_key="audit.id")
    from_status: str = Field(sa_type=TEXT)
    reopened_at: datetime = Field(sa_type=MOMENT)
    reopened_by: str = Field(sa_type=TEXT)
    reopened_why: str = Field(sa_type=TEXT)
    content: dict[str, Any] = Field(sa_type=JSONB)


class AuditImported(Table, table=True):
    """What an imported audit was sent as, so that a replay is known from other content under the same reference."""

    __tablename__ = "audit_imported"
    audit_id: UUID = Field(primary_key=True, foreign_key="audit.id")
    digest: bytes = Field(sa_type=sa.LargeBinary)
    imported_at: datetime = Field(sa_type=MOMENT)
