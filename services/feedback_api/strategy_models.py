"""The table of the participation strategy: how each commitment stood, from report to report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text


class CommitmentStatus(Table, table=True):
    """How a commitment of the framework stood on a day, and what shows it; the newest version is how it stands now."""

    __tablename__ = "commitment_status"
    __table_args__ = (
        sa.CheckConstraint("status IN ('not_started','on_track','at_risk','late','done')", name="status"),
        sa.CheckConstraint("status <> 'done' OR jsonb_array_length(evidence) > 0", name="evidence_of_done"),
        sa.CheckConstraint("version >= 1", name="version"),
    )

    commitment: str = text(primary_key=True)
    version: int = Field(primary_key=True)
    status: str = text()
    stood_on: date
    words: str = text()
    evidence: list[dict[str, Any]] = Field(sa_type=JSONB)
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
