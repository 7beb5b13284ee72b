"""The table of counts that protected copies have told, for the next copy to be held against."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, text


class ToldCounts(Table, table=True):
    """The counts about people of one published protected report, by table; null where a count is hidden."""

    __tablename__ = "told_counts"
    __table_args__ = (sa.Index("ix_told_counts_period", "subject", "period_start", "period_end"),)

    report: UUID = Field(foreign_key="report.id", primary_key=True)
    subject: str = text(primary_key=True)
    period_start: date
    period_end: date
    cells: dict[str, Any] = Field(sa_type=JSONB)
    told_at: datetime = moment()
