"""Tables of the ways in for figures: imports that run as jobs with their bodies, and saved mappings of columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.indicator_api.registry import Table, key, moment, text

__all__ = ["ImportBodyChunk", "ImportJob", "SourceMapping", "SourceMappingVersion"]


class ImportJob(Table, table=True):
    """What was asked for; how far it has come, and how it ended, is in the row of `job` with the same id."""

    __tablename__ = "import_job"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('json','ndjson','csv','xlsx')", name="kind"),
        sa.CheckConstraint("mode IN ('atomic','partial')", name="mode"),
        sa.CheckConstraint("(mapping IS NULL) = (mapping_version IS NULL)", name="mapping"),
    )

    id: UUID = Field(sa_column=sa.Column(sa.Uuid, sa.ForeignKey("job.id"), primary_key=True))
    kind: str = text()
    mode: str = text()
    dry_run: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    provisional: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    reason: str | None = text(nullable=True)
    mapping: str | None = text(nullable=True)
    mapping_version: int | None = Field(default=None, sa_column=sa.Column(sa.Integer))
    body_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    size: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    unit: str | None = text(nullable=True)
    import_id: UUID | None = Field(default=None, sa_column=sa.Column(sa.Uuid))


class ImportBodyChunk(Table, table=True):
    """A piece of the body of a job; gone when the job has succeeded, or some days after it ended otherwise."""

    __tablename__ = "import_body_chunk"

    job_id: UUID = Field(sa_column=sa.Column(sa.Uuid, sa.ForeignKey("import_job.id"), primary_key=True))
    number: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    content: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))


class SourceMapping(Table, table=True):
    """How the columns of one source's export become ours, as it is now."""

    __tablename__ = "source_mapping"

    code: str = key()
    version: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    content: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    # Deleted ones stay, with their versions: imports name them.
    deleted: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    changed_by: str = text()
    changed_at: datetime = moment()


class SourceMappingVersion(Table, table=True):
    """Every version a mapping ever had."""

    __tablename__ = "source_mapping_version"

    code: str = key()
    version: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    content: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    deleted: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    changed_by: str = text()
    changed_at: datetime = moment()
