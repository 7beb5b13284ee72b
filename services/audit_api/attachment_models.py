"""The tables of an audit's evidence: references to it, and files with what they hold apart."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.audit_api.registry import MOMENT, TEXT, Table
from shared.ids import new_id


class AuditAttachment(Table, table=True):
    """One piece of evidence of an audit; of one that was removed the record stays, with the reason."""

    __tablename__ = "audit_attachment"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('record', 'document', 'feedback', 'indicator', 'research', 'file')", name="kind"),
        sa.CheckConstraint("(kind = 'file') = (ref IS NULL)", name="reference"),
        sa.CheckConstraint(
            "num_nonnulls(name, media_type, size, sha256) = CASE kind WHEN 'file' THEN 4 ELSE 0 END", name="file"
        ),
        sa.CheckConstraint("num_nonnulls(removed_by, removed_at, removed_why) IN (0, 3)", name="removed"),
        sa.Index("ix_audit_attachment_audit_id", "audit_id", "id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    audit_id: UUID = Field(foreign_key="audit.id")
    kind: str = Field(sa_type=TEXT)
    ref: str | None = Field(default=None, sa_type=TEXT)
    note: str | None = Field(default=None, sa_type=TEXT)
    name: str | None = Field(default=None, sa_type=TEXT)
    media_type: str | None = Field(default=None, sa_type=TEXT)
    size: int | None = None
    sha256: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    added_by: str = Field(sa_type=TEXT)
    added_at: datetime = Field(sa_type=MOMENT)
    removed_by: str | None = Field(default=None, sa_type=TEXT)
    removed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    removed_why: str | None = Field(default=None, sa_type=TEXT)


class AttachmentContent(Table, table=True):
    """What a file holds, until it is removed."""

    __tablename__ = "attachment_content"
    attachment_id: UUID = Field(primary_key=True, foreign_key="audit_attachment.id")
    content: bytes = Field(sa_type=sa.LargeBinary)
