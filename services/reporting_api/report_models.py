"""The tables of a report: its editions, their revisions and signatures, and what was published."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, now, one_of, text, texts
from shared.ids import new_id

_STATUSES = ("draft", "submitted", "signed_off", "published", "superseded")


class Report(Table, table=True):
    """One edition of an occurrence's report; its content stands in its revisions and, published, its snapshots."""

    __tablename__ = "report"
    __table_args__ = (
        sa.UniqueConstraint("occurrence", "edition"),
        sa.CheckConstraint("edition >= 1 AND version >= 1 AND revision >= 1", name="counts"),
        sa.CheckConstraint(one_of("status", _STATUSES), name="status"),
        sa.CheckConstraint("disclosure IN ('full', 'protected')", name="disclosure"),
        sa.CheckConstraint("(supersedes IS NULL) = (edition = 1)", name="supersedes"),
        sa.CheckConstraint("(supersedes IS NULL) = (supersession_reason IS NULL)", name="reason"),
        sa.CheckConstraint("(status IN ('published', 'superseded')) = (published_at IS NOT NULL)", name="published"),
        sa.Index(
            "uq_report_open_edition",
            "occurrence",
            unique=True,
            postgresql_where=sa.text("status IN ('draft', 'submitted', 'signed_off')"),
        ),
        sa.Index(
            "uq_report_current_edition",
            "occurrence",
            unique=True,
            postgresql_where=sa.text("status = 'published'"),
        ),
        sa.Index("ix_report_boards", "boards", postgresql_using="gin"),
        sa.Index("ix_report_report", "report", "period"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    occurrence: UUID = Field(foreign_key="occurrence.id")
    report: str = text()
    period: str = text()
    edition: int = 1
    status: str = text(default="draft")
    title: str = text()
    boards: list[str] = texts()
    unit: str | None = text(default=None)
    disclosure: str = text()
    revision: int = 1
    content_hash: str = text()
    protected_hash: str | None = text(default=None)
    submitted_by: str | None = text(default=None)
    submitted_at: datetime | None = moment(default=None)
    published_at: datetime | None = moment(default=None)
    supersedes: UUID | None = Field(default=None, foreign_key="report.id")
    supersession_reason: str | None = text(default=None)
    version: int = 1
    created_by: str = text()
    created_at: datetime = now()


class ReportRevision(Table, table=True):
    """The content as it stood after one assembly or edit: what was signed can always be shown.

    `protected` is the same content with small numbers hidden, where the report's own board sees true figures. `moved`
    tells what an assembly changed in the draft it refreshed, and `protected_moved` the same of the copies.
    """

    __tablename__ = "report_revision"
    __table_args__ = (sa.CheckConstraint(one_of("cause", ("assembly", "edit", "supersession")), name="cause"),)

    report: UUID = Field(foreign_key="report.id", primary_key=True)
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    cause: str = text()
    content: dict[str, Any] = Field(sa_type=JSONB)
    protected: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    edits: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    moved: list[dict[str, Any]] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    protected_moved: list[dict[str, Any]] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    content_hash: str = text()
    created_by: str = text()
    created_at: datetime = now()


class ReportSignature(Table, table=True):
    """One signature of the chain, bound to the content it was given for; void once the report is reopened."""

    __tablename__ = "report_signature"
    __table_args__ = (
        sa.Index(
            "uq_report_signature_standing",
            "report",
            "sign_order",
            unique=True,
            postgresql_where=sa.text("voided_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    report: UUID = Field(foreign_key="report.id")
    sign_order: int = Field(sa_type=sa.SmallInteger)
    role: str = text()
    subject: str = text()
    on_behalf_of: str | None = text(default=None)
    content_hash: str = text()
    comment: str | None = text(default=None)
    signed_at: datetime = moment()
    voided_at: datetime | None = moment(default=None)


class ReportSnapshot(Table, table=True):
    """A published report's bytes for one level of disclosure; a trigger refuses any change or deletion."""

    __tablename__ = "report_snapshot"
    __table_args__ = (sa.CheckConstraint("disclosure IN ('full', 'protected')", name="disclosure"),)

    report: UUID = Field(foreign_key="report.id", primary_key=True)
    disclosure: str = text(primary_key=True)
    body: bytes = Field(sa_type=sa.LargeBinary)
    body_hash: bytes = Field(sa_type=sa.LargeBinary)
    content_hash: str = text()
    head_epoch: UUID
    head_position: int = Field(sa_type=sa.BigInteger)
    head_hash: bytes = Field(sa_type=sa.LargeBinary)
    published_by: str = text()
    published_at: datetime = moment()
