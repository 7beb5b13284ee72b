"""The tables of escalations: a concern that goes up by a policy, and all that happened to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, Table
from shared.ids import new_id


class Escalation(Table, table=True):
    """A concern, whom it is against, and the level it stands at, held to the policy as it was when it was raised."""

    __tablename__ = "escalation"
    __table_args__ = (
        sa.CheckConstraint("about IN ('audit', 'finding', 'case', 'plan', 'provider')", name="about"),
        sa.CheckConstraint("status IN ('open', 'closed', 'withdrawn')", name="status"),
        sa.CheckConstraint("against_role IS NULL OR against_unit IS NOT NULL", name="against"),
        sa.CheckConstraint(
            "(status = 'closed') = (outcome IS NOT NULL) AND (status = 'open') = (ended_at IS NULL)"
            " AND (ended_at IS NULL) = (ended_by IS NULL)",
            name="ended",
        ),
        sa.CheckConstraint("outcome IN ('upheld', 'partly_upheld', 'not_upheld', 'resolved')", name="outcome"),
        sa.CheckConstraint("(subject_told_at IS NULL) = (subject_told_by IS NULL)", name="subject_told"),
        # Never closed by the person it is against, whatever the code above this does.
        sa.CheckConstraint(
            "status <> 'closed' OR ended_by IS DISTINCT FROM against_account", name="not_by_its_subject"
        ),
        sa.Index("ix_escalation_unit", "unit", "due_at", "id"),
        sa.Index("ix_escalation_open", "due_at", "id", postgresql_where=sa.text("status = 'open'")),
        sa.Index("ix_escalation_audit_id", "audit_id", postgresql_where=sa.text("audit_id IS NOT NULL")),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    policy: str = Field(sa_type=TEXT)
    rules: dict[str, Any] = Field(sa_type=JSONB, description="the policy as it stood when this was raised")
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    about: str = Field(sa_type=TEXT)
    about_reference: str | None = Field(default=None, sa_type=TEXT)
    audit_id: UUID | None = Field(default=None, foreign_key="audit.id")
    title: str = Field(sa_type=TEXT)
    reason: str | None = Field(default=None, sa_type=TEXT)
    immediate: bool = False
    against_account: str | None = Field(default=None, sa_type=TEXT)
    against_role: str | None = Field(default=None, sa_type=TEXT)
    against_unit: str | None = Field(default=None, sa_type=TEXT)
    level: int = Field(sa_type=SMALL)
    due_at: datetime = Field(sa_type=MOMENT)
    subject_told_at: datetime | None = Field(default=None, sa_type=MOMENT)
    subject_told_by: str | None = Field(default=None, sa_type=TEXT)
    status: str = Field(sa_type=TEXT)
    outcome: str | None = Field(default=None, sa_type=TEXT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_by: str | None = Field(default=None, sa_type=TEXT)
    raised_by: str = Field(sa_type=TEXT)
    raised_at: datetime = Field(sa_type=MOMENT)
    version: int = 1


class EscalationEvent(Table, table=True):
    """One thing that happened: raised, moved up, answered, its subject told, reworded, closed or withdrawn."""

    __tablename__ = "escalation_event"
    __table_args__ = (
        sa.CheckConstraint(
            "kind IN ('raised', 'moved', 'moved_by_clock', 'answered', 'subject_told', 'reworded', 'closed',"
            " 'withdrawn')",
            name="kind",
        ),
    )
    escalation_id: UUID = Field(primary_key=True, foreign_key="escalation.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    kind: str = Field(sa_type=TEXT)
    level: int = Field(sa_type=SMALL)
    due_at: datetime | None = Field(default=None, sa_type=MOMENT, description="of a level that begins with this")
    words: str | None = Field(default=None, sa_type=TEXT)
    happened_at: datetime = Field(sa_type=MOMENT)
    done_by: str = Field(sa_type=TEXT)
