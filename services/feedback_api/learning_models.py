"""The tables of shared learning: what agencies have learned, and what the units made of what was shared."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, History, Table, codes, text
from shared.ids import new_id


class AgencyLearning(Table, table=True):
    """What a partner agency or the safeguarding partnership learned from complaints of its own."""

    __tablename__ = "agency_learning"
    __table_args__ = (
        sa.UniqueConstraint("agency", "source_ref"),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        sa.Index("ix_agency_learning_shared_at", "shared_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency: str = text()
    source_ref: str = text()
    themes: list[str] = codes()
    learned_on: date
    learning: str = text()
    shared_by: str = text()
    shared_at: datetime = Field(sa_type=MOMENT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=MOMENT)
    withdrawn_reason: str | None = text(default=None, nullable=True)


class LearningEvaluation(Table, table=True):
    """What one unit made of shared learning: taken note of, found relevant or not, and what it did."""

    __tablename__ = "learning_evaluation"
    __table_args__ = (
        sa.CheckConstraint("relevant IS NOT TRUE OR what_we_did IS NOT NULL", name="relevant"),
        sa.CheckConstraint("version >= 1", name="version"),
    )

    # The id of a complaint whose learning is shared, or of an agency's learning.
    learning_id: UUID = Field(primary_key=True)
    unit: str = text(primary_key=True)
    version: int
    relevant: bool | None = None
    what_we_did: str | None = text(default=None, nullable=True)
    evaluated_by: str = text()
    evaluated_at: datetime = Field(sa_type=MOMENT)


class LearningEvaluationHistory(History, table=True):
    __tablename__ = "learning_evaluation_history"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["learning_id", "unit"], ["learning_evaluation.learning_id", "learning_evaluation.unit"]
        ),
    )

    learning_id: UUID = Field(primary_key=True)
    unit: str = text(primary_key=True)
    version: int = Field(primary_key=True)
