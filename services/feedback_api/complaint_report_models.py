"""The tables of the complaints reports: editions as produced, and what managers add to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, History, Table, text
from shared.ids import new_id


class ComplaintReport(Table, table=True):
    """One edition of the report of one quarter or year, with its true figures, as it was produced."""

    __tablename__ = "complaint_report"
    __table_args__ = (
        sa.UniqueConstraint("period", "edition"),
        sa.CheckConstraint("edition >= 1", name="edition"),
        sa.CheckConstraint("(edition = 1) = (supersedes IS NULL)", name="supersedes"),
        sa.Index("ix_complaint_report_last_day", "last_day", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    period: str = text()
    edition: int = Field(sa_type=sa.SmallInteger)
    first_day: date
    last_day: date
    content: dict[str, Any] = Field(sa_type=JSONB)
    content_hash: bytes = Field(sa_type=sa.LargeBinary)
    reason: str | None = text(default=None, nullable=True)
    produced_by: str = text()
    produced_at: datetime = Field(sa_type=MOMENT)
    supersedes: UUID | None = Field(default=None, foreign_key="complaint_report.id")


class ComplaintReportUpdate(Table, table=True):
    """What the manager of a unit adds to the report of a period: learning, and what is better for it."""

    __tablename__ = "complaint_report_update"
    __table_args__ = (sa.CheckConstraint("version >= 1", name="version"),)

    period: str = text(primary_key=True)
    unit: str = text(primary_key=True)
    version: int
    learning: str = text()
    improvement: str = text()
    updated_by: str = text()
    updated_at: datetime = Field(sa_type=MOMENT)


class ComplaintReportUpdateHistory(History, table=True):
    __tablename__ = "complaint_report_update_history"
    __table_args__ = (
        sa.ForeignKeyConstraint(["period", "unit"], ["complaint_report_update.period", "complaint_report_update.unit"]),
    )

    period: str = text(primary_key=True)
    unit: str = text(primary_key=True)
    version: int = Field(primary_key=True)
