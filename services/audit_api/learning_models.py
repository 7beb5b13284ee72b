"""The tables of learning: what was learned, from which audits, and whether it was passed on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, TEXTS, Table
from shared.ids import new_id


class LearningItem(Table, table=True):
    """Something learned, for whom, and since when it has been passed on; an audit closes with one (R26)."""

    __tablename__ = "learning_item"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('new', 'confirms_known')", name="kind"),
        sa.CheckConstraint("visibility IN ('team', 'service', 'organisation', 'partnership')", name="visibility"),
        sa.CheckConstraint("status IN ('draft', 'disseminated', 'withdrawn')", name="status"),
        sa.CheckConstraint("status <> 'disseminated' OR disseminated_on IS NOT NULL", name="disseminated"),
        sa.CheckConstraint("(disseminated_on IS NULL) = (disseminated_by IS NULL)", name="disseminated_by"),
        sa.CheckConstraint("(status = 'withdrawn') = (withdrawal_reason IS NOT NULL)", name="withdrawn"),
        sa.Index("ix_learning_item_unit", "unit", "id"),
        sa.Index("ix_learning_item_disseminated_on", "disseminated_on"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    title: str = Field(sa_type=TEXT)
    detail: str | None = Field(default=None, sa_type=TEXT)
    kind: str = Field(sa_type=TEXT)
    audience: list[str] = Field(sa_type=TEXTS, description="the levels it is meant for")
    visibility: str = Field(sa_type=TEXT)
    themes: list[str] = Field(sa_type=TEXTS)
    status: str = Field(sa_type=TEXT)
    disseminated_on: date | None = None
    disseminated_by: str | None = Field(default=None, sa_type=TEXT)
    withdrawn_on: date | None = None
    withdrawn_by: str | None = Field(default=None, sa_type=TEXT)
    withdrawal_reason: str | None = Field(default=None, sa_type=TEXT)
    created_by: str = Field(sa_type=TEXT)
    created_at: datetime = Field(sa_type=MOMENT)
    version: int = 1


class LearningSource(Table, table=True):
    """What a learning item was learned from: an audit, one of its findings, or something outside, by reference."""

    __tablename__ = "learning_source"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('audit', 'finding', 'serious_case_review', 'complaint', 'other')", name="kind"),
        sa.CheckConstraint("(kind IN ('audit', 'finding')) = (audit_id IS NOT NULL)", name="audit"),
        sa.CheckConstraint("(kind = 'finding') = (finding_id IS NOT NULL)", name="finding"),
        sa.CheckConstraint("(kind IN ('audit', 'finding')) = (reference IS NULL)", name="reference"),
        sa.Index("ix_learning_source_audit_id", "audit_id", postgresql_where=sa.text("audit_id IS NOT NULL")),
        sa.Index("ix_learning_source_finding_id", "finding_id", postgresql_where=sa.text("finding_id IS NOT NULL")),
    )
    learning_id: UUID = Field(primary_key=True, foreign_key="learning_item.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    kind: str = Field(sa_type=TEXT)
    audit_id: UUID | None = Field(default=None, foreign_key="audit.id")
    finding_id: UUID | None = Field(default=None, foreign_key="audit_finding.id")
    reference: str | None = Field(default=None, sa_type=TEXT)


class LearningAcknowledgement(Table, table=True):
    """Somebody of the audience has read the item; each person once."""

    __tablename__ = "learning_acknowledgement"
    learning_id: UUID = Field(primary_key=True, foreign_key="learning_item.id")
    subject: str = Field(sa_type=TEXT, primary_key=True)
    level: str = Field(sa_type=TEXT)
    unit: str | None = Field(default=None, sa_type=TEXT, description="none of those who hold for the whole council")
    acknowledged_at: datetime = Field(sa_type=MOMENT)


class LearningTraining(Table, table=True):
    """Training commissioned with an item in it (R58)."""

    __tablename__ = "learning_training"
    learning_id: UUID = Field(primary_key=True, foreign_key="learning_item.id")
    training_ref: str = Field(sa_type=TEXT, primary_key=True)
    title: str = Field(sa_type=TEXT)
    commissioned_on: date
    provider: str | None = Field(default=None, sa_type=TEXT)
    added_by: str = Field(sa_type=TEXT)
    added_at: datetime = Field(sa_type=MOMENT)
