"""The table of what is being done about a weakness: actions of the audit service, by their reference."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text
from shared.ids import new_id


class WeaknessLink(Table, table=True):
    """An action against a theme of a unit, or against what one complaint showed."""

    __tablename__ = "weakness_link"
    __table_args__ = (
        sa.CheckConstraint("(complaint_id IS NULL) <> (unit IS NULL)", name="about"),
        sa.CheckConstraint("(unit IS NULL) = (theme IS NULL)", name="unit_and_theme"),
        sa.UniqueConstraint("action_ref", "unit", "theme"),
        sa.UniqueConstraint("action_ref", "complaint_id"),
        sa.Index("ix_weakness_link_place", "unit", "theme"),
        sa.Index("ix_weakness_link_complaint_id", "complaint_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    action_ref: str = text()
    unit: str | None = text(default=None, nullable=True)
    theme: str | None = text(default=None, nullable=True)
    complaint_id: UUID | None = Field(default=None, foreign_key="complaint.id")
    note: str | None = text(default=None, nullable=True)
    linked_by: str = text()
    linked_at: datetime = Field(sa_type=MOMENT)
