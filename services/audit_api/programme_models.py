"""The tables of programmes: rounds and the slots in them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.audit_api.registry import MOMENT, TEXT, TEXTS, Table
from shared.ids import new_id


class AuditRound(Table, table=True):
    """One period of a programme, with the programme's rules as they stood when it was made."""

    __tablename__ = "audit_round"
    __table_args__ = (
        # A period has one round of a programme, unless its rounds are made as somebody decides.
        sa.Index(
            "uq_audit_round_programme_period", "programme", "period", unique=True, postgresql_where=sa.text("regular")
        ),
        sa.CheckConstraint("ends_on >= starts_on AND due_on >= ends_on AND missed_after >= due_on", name="dates"),
        sa.Index("ix_audit_round_starts_on", "programme", "starts_on", "id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    programme: str = Field(sa_type=TEXT)
    title: str = Field(sa_type=TEXT)
    audit_type: str = Field(sa_type=TEXT)
    tool: str = Field(sa_type=TEXT)
    required_views: list[str] = Field(sa_type=TEXTS)
    period: str = Field(sa_type=TEXT)
    starts_on: date
    ends_on: date
    due_on: date
    missed_after: date
    regular: bool = True
    announced: bool = True
    trigger: str | None = Field(default=None, sa_type=TEXT)
    trigger_reference: str | None = Field(default=None, sa_type=TEXT)
    observation_setting: str | None = Field(default=None, sa_type=TEXT)
    sample_kind: str | None = Field(default=None, sa_type=TEXT)
    created_by: str = Field(sa_type=TEXT)
    created_at: datetime = Field(sa_type=MOMENT)


class AuditSlot(Table, table=True):
    """One team's place in a round; void with a reason and an approver, or waiting for its audit."""

    __tablename__ = "audit_slot"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "unit"),
        sa.CheckConstraint(
            "(void_reason IS NULL) = (voided_by IS NULL) AND (void_reason IS NULL) = (voided_at IS NULL)",
            name="void",
        ),
        sa.CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="validity"),
        sa.Index("ix_audit_slot_unit", "unit"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    round_id: UUID = Field(foreign_key="audit_round.id")
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    effective_from: date
    effective_to: date | None = None
    void_reason: str | None = Field(default=None, sa_type=TEXT)
    voided_by: str | None = Field(default=None, sa_type=TEXT)
    voided_at: datetime | None = Field(default=None, sa_type=MOMENT)
    version: int = 1
