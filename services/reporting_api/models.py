"""The reporting service's own tables, on a registry of its own beside its copy of the platform's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.ids import new_id
from shared.tables import copy_into, platform

_registry = registry()
metadata = _registry.metadata
metadata.naming_convention = platform.naming_convention
copy_into(metadata)

STAGES = ("planned", "due", "assembling", "draft", "submitted", "signed_off", "published")
_STATUSES = ("draft", "submitted", "signed_off", "published", "superseded")


class Table(SQLModel, registry=_registry):
    """The base of every table of this service."""


def _text(**keywords: Any) -> Any:
    return Field(sa_type=sa.Text, **keywords)


def _texts() -> Any:
    return Field(sa_type=ARRAY(sa.Text), nullable=False)


def _moment(**keywords: Any) -> Any:
    return Field(sa_type=sa.DateTime(timezone=True), **keywords)


def _now() -> Any:
    return _moment(default=None, nullable=False, sa_column_kwargs={"server_default": sa.text("clock_timestamp()")})


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


class Occurrence(Table, table=True):
    """One report for one period: there before it runs, and never deleted.

    `stage` is how far the work has come; `late_on` and `missed_on`, once set, stay. `boards` are the audiences
    and the board it goes through.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        sa.UniqueConstraint("report", "period", "occasion"),
        sa.CheckConstraint("period_start <= period_end", name="period"),
        sa.CheckConstraint("occasion >= 1 AND assemblies >= 0 AND version >= 1", name="counts"),
        sa.CheckConstraint(_one_of("stage", STAGES), name="stage"),
        sa.CheckConstraint("(stage = 'published') = (published_on IS NOT NULL)", name="published"),
        sa.CheckConstraint("missed_on IS NULL OR late_on IS NOT NULL", name="missed_after_late"),
        sa.CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        sa.Index("ix_occurrence_due_on", "due_on", "id"),
        sa.Index("ix_occurrence_boards", "boards", postgresql_using="gin"),
        sa.Index(
            "ix_occurrence_open",
            "due_on",
            postgresql_where=sa.text("published_on IS NULL AND withdrawn_on IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    report: str = _text()
    period: str = _text()
    occasion: int = Field(default=1, sa_type=sa.SmallInteger)
    period_start: date
    period_end: date
    opens_on: date
    due_on: date
    stage: str = _text(default="planned")
    late_on: date | None = None
    missed_on: date | None = None
    owner_role: str = _text()
    unit: str | None = _text(default=None)
    audiences: list[str] = _texts()
    boards: list[str] = _texts()
    catch_up: str = _text()
    requested_by: str | None = _text(default=None)
    request_reason: str | None = _text(default=None)
    assemblies: int = 0
    refresh_after: datetime | None = _moment(default=None)
    published_on: date | None = None
    withdrawn_on: date | None = None
    withdrawn_reason: str | None = _text(default=None)
    version: int = 1
    created_at: datetime = _now()


class DueChange(Table, table=True):
    """A due date that moved, and why; the earlier date is never lost."""

    __tablename__ = "occurrence_due_change"
    __table_args__ = (sa.Index("ix_occurrence_due_change_occurrence", "occurrence", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    occurrence: UUID = Field(foreign_key="occurrence.id")
    was: date
    becomes: date
    was_period_end: date
    becomes_period_end: date
    reason: str = _text()
    changed_by: str = _text()
    changed_at: datetime = _now()


class Report(Table, table=True):
    """One edition of an occurrence's report; its content stands in its revisions and, published, its snapshots."""

    __tablename__ = "report"
    __table_args__ = (
        sa.UniqueConstraint("occurrence", "edition"),
        sa.CheckConstraint("edition >= 1 AND version >= 1 AND revision >= 1", name="counts"),
        sa.CheckConstraint(_one_of("status", _STATUSES), name="status"),
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
    report: str = _text()
    period: str = _text()
    edition: int = 1
    status: str = _text(default="draft")
    title: str = _text()
    boards: list[str] = _texts()
    unit: str | None = _text(default=None)
    disclosure: str = _text()
    revision: int = 1
    content_hash: str = _text()
    protected_hash: str | None = _text(default=None)
    submitted_by: str | None = _text(default=None)
    submitted_at: datetime | None = _moment(default=None)
    published_at: datetime | None = _moment(default=None)
    supersedes: UUID | None = Field(default=None, foreign_key="report.id")
    supersession_reason: str | None = _text(default=None)
    version: int = 1
    created_by: str = _text()
    created_at: datetime = _now()


class ReportRevision(Table, table=True):
    """The content as it stood after one assembly or edit: what was signed can always be shown.

    `protected` is the same content with small numbers hidden, where the report's own board sees true figures.
    """

    __tablename__ = "report_revision"
    __table_args__ = (sa.CheckConstraint(_one_of("cause", ("assembly", "edit", "supersession")), name="cause"),)

    report: UUID = Field(foreign_key="report.id", primary_key=True)
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    cause: str = _text()
    content: dict[str, Any] = Field(sa_type=JSONB)
    protected: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    edits: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    content_hash: str = _text()
    created_by: str = _text()
    created_at: datetime = _now()


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
    role: str = _text()
    subject: str = _text()
    on_behalf_of: str | None = _text(default=None)
    content_hash: str = _text()
    comment: str | None = _text(default=None)
    signed_at: datetime = _moment()
    voided_at: datetime | None = _moment(default=None)


class ReportSnapshot(Table, table=True):
    """A published report's bytes for one level of disclosure; a trigger refuses any change or deletion."""

    __tablename__ = "report_snapshot"
    __table_args__ = (sa.CheckConstraint("disclosure IN ('full', 'protected')", name="disclosure"),)

    report: UUID = Field(foreign_key="report.id", primary_key=True)
    disclosure: str = _text(primary_key=True)
    body: bytes = Field(sa_type=sa.LargeBinary)
    body_hash: bytes = Field(sa_type=sa.LargeBinary)
    content_hash: str = _text()
    head_epoch: UUID
    head_position: int = Field(sa_type=sa.BigInteger)
    head_hash: bytes = Field(sa_type=sa.LargeBinary)
    published_by: str = _text()
    published_at: datetime = _moment()


class SourceReading(Table, table=True):
    """When each source last answered well and up to when its content then went."""

    __tablename__ = "source_reading"

    service: str = _text(primary_key=True)
    endpoint: str = _text(primary_key=True)
    as_of: datetime | None = _moment(default=None)
    last_good_at: datetime | None = _moment(default=None)
    last_failed_at: datetime | None = _moment(default=None)
    last_reason: str | None = _text(default=None)
