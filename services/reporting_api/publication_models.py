"""The table of what recipients acknowledged."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, text
from shared.ids import new_id


class Acknowledgement(Table, table=True):
    """One recipient's word that it has a report, bound to the content it has; never changed."""

    __tablename__ = "report_acknowledgement"
    __table_args__ = (sa.UniqueConstraint("report", "board"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    report: UUID = Field(foreign_key="report.id")
    board: str = text()
    content_hash: str = text()
    note: str | None = text(default=None)
    acknowledged_by: str = text()
    acknowledged_at: datetime = moment()
