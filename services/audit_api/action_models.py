"""The tables of actions: their due dates, their evidence and the difference they made."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, Table
from shared.ids import new_id


class Action(Table, table=True):
    """Something to be done, its owner, its first and present due date, and the difference it made."""

    __tablename__ = "action"
    __table_args__ = (
        sa.CheckConstraint("status IN ('open', 'completed', 'verified', 'closed', 'cancelled')", name="status"),
        sa.CheckConstraint("num_nonnulls(owner_role, owner_subject) = 1", name="owner"),
        sa.CheckConstraint("status NOT IN ('completed', 'verified') OR completed_on IS NOT NULL", name="completed"),
        sa.CheckConstraint(
            "status <> 'closed' OR (impact IS NOT NULL AND closed_on IS NOT NULL AND completed_on IS NOT NULL)",
            name="closed_with_impact",
        ),
        sa.CheckConstraint("status <> 'verified' OR verified_on IS NOT NULL", name="verified"),
        sa.CheckConstraint("(verified_on IS NULL) = (verified_by IS NULL)", name="verified_by"),
        sa.CheckConstraint(
            "verified_by IS NULL OR verified_by IS DISTINCT FROM completed_by", name="verified_by_other"
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR num_nonnulls(cancelled_on, cancelled_by, cancellation_reason) = 3",
            name="cancelled",
        ),
        sa.CheckConstraint("impact IN ('positive', 'none', 'negative', 'not_assessable')", name="impact"),
        sa.CheckConstraint("impact IS DISTINCT FROM 'not_assessable' OR impact_note IS NOT NULL", name="impact_note"),
        sa.Index("ix_action_original_due_on", "original_due_on", "id"),
        sa.Index("ix_action_unit", "unit", "raised_on"),
        sa.Index("ix_action_finding_id", "finding_id", postgresql_where=sa.text("finding_id IS NOT NULL")),
        sa.Index("ix_action_open", "body", "original_due_on", postgresql_where=sa.text("status = 'open'")),
        # A list of what is overdue starts at the oldest open one, however many were closed before it.
        sa.Index("ix_action_open_due", "original_due_on", "id", postgresql_where=sa.text("status = 'open'")),
        sa.Index("ix_action_review_on", "review_on", "id", postgresql_where=sa.text("status = 'verified'")),
        sa.Index("ix_action_follow_up_of", "follow_up_of", postgresql_where=sa.text("follow_up_of IS NOT NULL")),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    finding_id: UUID | None = Field(default=None, foreign_key="audit_finding.id")
    follow_up_of: UUID | None = Field(default=None, foreign_key="action.id")
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    title: str = Field(sa_type=TEXT)
    detail: str | None = Field(default=None, sa_type=TEXT)
    body: str | None = Field(default=None, sa_type=TEXT)
    owner_role: str | None = Field(default=None, sa_type=TEXT)
    owner_subject: str | None = Field(default=None, sa_type=TEXT)
    owner_post: str | None = Field(default=None, sa_type=TEXT)
    original_due_on: date
    due_on: date
    status: str = Field(sa_type=TEXT)
    raised_on: date
    raised_by: str = Field(sa_type=TEXT)
    completed_on: date | None = None
    completed_by: str | None = Field(default=None, sa_type=TEXT)
    completion_note: str | None = Field(default=None, sa_type=TEXT)
    verified_on: date | None = None
    verified_by: str | None = Field(default=None, sa_type=TEXT)
    review_on: date | None = None
    impact: str | None = Field(default=None, sa_type=TEXT)
    impact_note: str | None = Field(default=None, sa_type=TEXT)
    closed_on: date | None = None
    closed_by: str | None = Field(default=None, sa_type=TEXT)
    cancelled_on: date | None = None
    cancelled_by: str | None = Field(default=None, sa_type=TEXT)
    cancellation_reason: str | None = Field(default=None, sa_type=TEXT)
    version: int = 1


class ActionDueDate(Table, table=True):
    """Every due date an action has had; the first is the one that overdue is measured against."""

    __tablename__ = "action_due_date"
    action_id: UUID = Field(primary_key=True, foreign_key="action.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    due_on: date
    reason: str | None = Field(default=None, sa_type=TEXT)
    set_by: str = Field(sa_type=TEXT)
    set_at: datetime = Field(sa_type=MOMENT)


class ActionEvidence(Table, table=True):
    """What an action rests on (`basis`) and what shows the difference it made (`impact`)."""

    __tablename__ = "action_evidence"
    __table_args__ = (
        sa.CheckConstraint("stage IN ('basis', 'impact')", name="stage"),
        sa.CheckConstraint("kind IN ('finding', 'indicator', 'feedback', 'research')", name="kind"),
    )
    action_id: UUID = Field(primary_key=True, foreign_key="action.id")
    stage: str = Field(sa_type=TEXT, primary_key=True)
    position: int = Field(sa_type=SMALL, primary_key=True)
    kind: str = Field(sa_type=TEXT)
    ref: str = Field(sa_type=TEXT)
    note: str | None = Field(default=None, sa_type=TEXT)


class ActionOwner(Table, table=True):
    """An owner an action had before, and why it was given to another."""

    __tablename__ = "action_owner"
    action_id: UUID = Field(primary_key=True, foreign_key="action.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    role: str | None = Field(default=None, sa_type=TEXT)
    subject: str | None = Field(default=None, sa_type=TEXT)
    post: str | None = Field(default=None, sa_type=TEXT)
    reason: str = Field(sa_type=TEXT)
    changed_by: str = Field(sa_type=TEXT)
    changed_at: datetime = Field(sa_type=MOMENT)


class ActionNote(Table, table=True):
    """How an action is coming along, in somebody's words."""

    __tablename__ = "action_note"
    action_id: UUID = Field(primary_key=True, foreign_key="action.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    body: str = Field(sa_type=TEXT)
    written_by: str = Field(sa_type=TEXT)
    written_at: datetime = Field(sa_type=MOMENT)


class ActionVerification(Table, table=True):
    """What another person made of a completion: accepted, or sent back with a reason."""

    __tablename__ = "action_verification"
    __table_args__ = (
        sa.CheckConstraint("verdict IN ('accepted', 'sent_back')", name="verdict"),
        sa.CheckConstraint("verdict <> 'sent_back' OR reason IS NOT NULL", name="reason"),
        sa.CheckConstraint("verified_by <> completed_by", name="by_other"),
    )
    action_id: UUID = Field(primary_key=True, foreign_key="action.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    verdict: str = Field(sa_type=TEXT)
    reason: str | None = Field(default=None, sa_type=TEXT)
    completed_on: date
    completed_by: str = Field(sa_type=TEXT)
    verified_by: str = Field(sa_type=TEXT)
    verified_at: datetime = Field(sa_type=MOMENT)


class ReAudit(Table, table=True):
    """What a later audit showed of an action or a finding: whether practice changed."""

    __tablename__ = "re_audit"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('changed', 'partly', 'not_changed')", name="outcome"),
        sa.CheckConstraint("num_nonnulls(action_id, finding_id) >= 1", name="subject"),
        sa.Index(
            "uq_re_audit_of", "audit_id", "action_id", "finding_id", unique=True, postgresql_nulls_not_distinct=True
        ),
        sa.Index("ix_re_audit_action_id", "action_id", postgresql_where=sa.text("action_id IS NOT NULL")),
        sa.Index("ix_re_audit_finding_id", "finding_id", postgresql_where=sa.text("finding_id IS NOT NULL")),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    action_id: UUID | None = Field(default=None, foreign_key="action.id")
    finding_id: UUID | None = Field(default=None, foreign_key="audit_finding.id")
    audit_id: UUID = Field(foreign_key="audit.id")
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    outcome: str = Field(sa_type=TEXT)
    note: str | None = Field(default=None, sa_type=TEXT)
    recorded_by: str = Field(sa_type=TEXT)
    recorded_at: datetime = Field(sa_type=MOMENT)
