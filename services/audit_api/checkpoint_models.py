"""The tables of checkpoints: statutory assessments and what a manager and the panel made of each (R40)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, TEXTS, Table
from shared.ids import new_id


class SenAssessment(Table, table=True):
    """A statutory assessment of special educational needs, by its reference, until it has passed both checkpoints."""

    __tablename__ = "sen_assessment"
    __table_args__ = (
        sa.UniqueConstraint("reference"),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_reason IS NULL)", name="ended"),
        sa.Index("ix_sen_assessment_unit", "unit", "started_on", "id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    reference: str = Field(sa_type=TEXT)
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    started_on: date
    ended_on: date | None = Field(default=None, description="where it ended without a plan to check")
    ended_reason: str | None = Field(default=None, sa_type=TEXT)
    recorded_by: str = Field(sa_type=TEXT)
    recorded_at: datetime = Field(sa_type=MOMENT)
    version: int = 1


class SenCheckpoint(Table, table=True):
    """One look at an assessment, at sign-off or at panel: agreed, or returned with reasons."""

    __tablename__ = "sen_checkpoint"
    __table_args__ = (
        sa.CheckConstraint("checkpoint IN ('manager_sign_off', 'panel')", name="checkpoint"),
        sa.CheckConstraint("outcome IN ('agreed', 'returned')", name="outcome"),
        sa.CheckConstraint("(outcome = 'returned') = (cardinality(reasons) > 0)", name="reasons"),
    )
    assessment_id: UUID = Field(primary_key=True, foreign_key="sen_assessment.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    checkpoint: str = Field(sa_type=TEXT)
    outcome: str = Field(sa_type=TEXT)
    reasons: list[str] = Field(sa_type=TEXTS)
    note: str | None = Field(default=None, sa_type=TEXT)
    held_on: date
    signed_by: str = Field(sa_type=TEXT)
    recorded_by: str = Field(sa_type=TEXT)
    recorded_at: datetime = Field(sa_type=MOMENT)
