"""The tables of tools and audits: what was asked, what was answered, and what was found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, TEXTS, Table
from shared.ids import new_id


class ToolVersion(Table, table=True):
    """A published edition of a tool; its content never changes, and at most one of a tool is in use at a time."""

    __tablename__ = "tool_version"
    __table_args__ = (
        sa.CheckConstraint("version >= 1", name="version"),
        sa.CheckConstraint("status IN ('published', 'retired')", name="status"),
        sa.Index("uq_tool_version_in_use", "tool", unique=True, postgresql_where=sa.text("status = 'published'")),
    )
    tool: str = Field(sa_type=TEXT, primary_key=True)
    version: int = Field(primary_key=True)
    title: str = Field(sa_type=TEXT)
    audit_types: list[str] = Field(sa_type=TEXTS)
    content: dict[str, Any] = Field(sa_type=JSONB)
    hash: bytes = Field(sa_type=sa.LargeBinary)
    status: str = Field(sa_type=TEXT)
    published_at: datetime = Field(sa_type=MOMENT)


class Audit(Table, table=True):
    """One audit of one case, held to the edition of the tool it was begun with."""

    __tablename__ = "audit"
    __table_args__ = (
        sa.ForeignKeyConstraint(["tool", "tool_version"], ["tool_version.tool", "tool_version.version"]),
        sa.CheckConstraint(
            "status IN ('allocated', 'in_progress', 'submitted', 'in_moderation', 'moderated', 'closed', 'withdrawn')",
            name="status",
        ),
        sa.CheckConstraint(
            "status NOT IN ('submitted', 'in_moderation', 'moderated', 'closed')"
            " OR (submitted_on IS NOT NULL AND submitted_at IS NOT NULL AND submitted_by IS NOT NULL"
            " AND counts_on IS NOT NULL)",
            name="submitted",
        ),
        sa.CheckConstraint("audit_type <> 'thematic' OR trigger IS NOT NULL", name="trigger"),
        sa.CheckConstraint(
            "(audit_type = 'observation') = (observation_setting IS NOT NULL)", name="observation_setting"
        ),
        sa.CheckConstraint("(audit_type = 'sample') = (sample_kind IS NOT NULL)", name="sample_kind"),
        sa.CheckConstraint(
            "audit_type NOT IN ('single_case', 'thematic', 'multi_agency', 'serious_case', 'peer')"
            " OR auditor_unit IS NULL OR auditor_unit <> unit",
            name="independent",
        ),
        # A slot has one audit and a reference one; a withdrawn audit makes room for another.
        sa.Index(
            "uq_audit_slot_id",
            "slot_id",
            unique=True,
            postgresql_where=sa.text("slot_id IS NOT NULL AND status <> 'withdrawn'"),
        ),
        sa.Index(
            "uq_audit_source_ref",
            "source_ref",
            unique=True,
            postgresql_where=sa.text("source_ref IS NOT NULL AND status <> 'withdrawn'"),
        ),
        # Whoever sent it asks by it whether it was stored, also of one that was withdrawn since.
        sa.Index("ix_audit_source_ref", "source_ref", postgresql_where=sa.text("source_ref IS NOT NULL")),
        sa.Index("ix_audit_unit", "unit", "id"),
        sa.Index("ix_audit_open", "due_on", postgresql_where=sa.text("status IN ('allocated', 'in_progress')")),
        sa.Index("ix_audit_unannounced", "unit", postgresql_where=sa.text("NOT announced")),
        sa.Index("ix_audit_auditor", "auditor", "id"),
        # The last supervision audit of each manager's unit, without walking through years of other audits.
        sa.Index(
            "ix_audit_supervision",
            "auditor_unit",
            "submitted_on",
            "id",
            postgresql_where=sa.text("audit_type = 'supervision'"),
        ),
        sa.Index("ix_audit_case_reference", "case_reference"),
        # All that says whether a kept tally is of the present state, read without the audits themselves.
        sa.Index(
            "ix_audit_counted",
            "counts_on",
            "unit",
            "tool",
            "tool_version",
            "version",
            postgresql_where=sa.text("submitted_on IS NOT NULL AND status <> 'withdrawn'"),
        ),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    source_ref: str | None = Field(default=None, sa_type=TEXT)
    slot_id: UUID | None = Field(default=None, foreign_key="audit_slot.id")
    programme: str | None = Field(default=None, sa_type=TEXT)
    period: str | None = Field(default=None, sa_type=TEXT)
    tool: str = Field(sa_type=TEXT)
    tool_version: int
    audit_type: str = Field(sa_type=TEXT)
    trigger: str | None = Field(default=None, sa_type=TEXT)
    trigger_reference: str | None = Field(default=None, sa_type=TEXT)
    announced: bool = True
    observation_setting: str | None = Field(default=None, sa_type=TEXT)
    sample_kind: str | None = Field(default=None, sa_type=TEXT)
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    case_reference: str = Field(sa_type=TEXT)
    auditor: str = Field(sa_type=TEXT)
    auditor_unit: str | None = Field(default=None, sa_type=TEXT)
    due_on: date | None = None
    required_views: list[str] = Field(sa_type=TEXTS)
    status: str = Field(sa_type=TEXT)
    quality_grade: str | None = Field(default=None, sa_type=TEXT)
    outcomes_grade: str | None = Field(default=None, sa_type=TEXT)
    process_grade: str | None = Field(default=None, sa_type=TEXT)
    no_strength_reason: str | None = Field(default=None, sa_type=TEXT)
    counts_on: date | None = Field(default=None, description="the day that decides which period it counts for")
    submitted_on: date | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=MOMENT)
    submitted_by: str | None = Field(default=None, sa_type=TEXT)
    allocated_by: str = Field(sa_type=TEXT)
    allocated_at: datetime = Field(sa_type=MOMENT)
    closed_on: date | None = None
    edition: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    version: int = 1


class AuditAnswer(Table, table=True):
    """One answer; `rank` is its place on the scale where it has one, for analysis without the tool."""

    __tablename__ = "audit_answer"
    __table_args__ = (sa.CheckConstraint("char_length(value) BETWEEN 1 AND 4000", name="value"),)
    audit_id: UUID = Field(primary_key=True, foreign_key="audit.id")
    question: str = Field(sa_type=TEXT, primary_key=True)
    value: str = Field(sa_type=TEXT)
    rank: int | None = Field(default=None, sa_type=SMALL)


class AuditView(Table, table=True):
    """Whose view was heard: a feedback item, or the reason why there was none (both, where it came late)."""

    __tablename__ = "audit_view"
    __table_args__ = (
        sa.CheckConstraint("view_of IN ('child', 'parent_carer', 'icrs')", name="view_of"),
        sa.CheckConstraint("feedback IS NOT NULL OR reason IS NOT NULL", name="heard_or_why"),
        sa.CheckConstraint(
            "reason IN ('declined', 'unsafe', 'not_contactable', 'no_reply', 'too_young', 'not_applicable')",
            name="reason",
        ),
    )
    audit_id: UUID = Field(primary_key=True, foreign_key="audit.id")
    view_of: str = Field(sa_type=TEXT, primary_key=True)
    feedback: str | None = Field(default=None, sa_type=TEXT)
    reason: str | None = Field(default=None, sa_type=TEXT)
    recorded_by: str = Field(sa_type=TEXT)
    recorded_at: datetime = Field(sa_type=MOMENT)


class AuditFinding(Table, table=True):
    """What an audit found: a strength, something to improve, or a concern."""

    __tablename__ = "audit_finding"
    __table_args__ = (
        sa.UniqueConstraint("audit_id", "position"),
        sa.CheckConstraint("kind IN ('strength', 'area_for_improvement', 'concern')", name="kind"),
        sa.CheckConstraint("repeat_of IS NULL OR repeat_of <> id", name="repeat"),
        sa.CheckConstraint("escalation_id IS NULL OR kind = 'concern'", name="immediate"),
        sa.Index("ix_audit_finding_repeat_of", "repeat_of", postgresql_where=sa.text("repeat_of IS NOT NULL")),
        sa.Index(
            "ix_audit_finding_escalation_id", "escalation_id", postgresql_where=sa.text("escalation_id IS NOT NULL")
        ),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    audit_id: UUID = Field(foreign_key="audit.id")
    position: int = Field(sa_type=SMALL)
    kind: str = Field(sa_type=TEXT)
    domain: str = Field(sa_type=TEXT)
    title: str = Field(sa_type=TEXT)
    detail: str | None = Field(default=None, sa_type=TEXT)
    themes: list[str] = Field(sa_type=TEXTS)
    repeat_of: UUID | None = Field(default=None, foreign_key="audit_finding.id")
    escalation_id: UUID | None = Field(default=None, foreign_key="escalation.id")


class AuditParticipant(Table, table=True):
    """Who took part, by level and post; the reference is a staff account, never a child's."""

    __tablename__ = "audit_participant"
    __table_args__ = (
        sa.CheckConstraint("part IN ('case_worker', 'case_manager', 'contributor')", name="part"),
        sa.CheckConstraint(
            "level IN ('practitioner', 'team_manager', 'senior_manager', 'head_of_service', 'director', 'partner')",
            name="level",
        ),
    )
    audit_id: UUID = Field(primary_key=True, foreign_key="audit.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    part: str = Field(sa_type=TEXT)
    level: str = Field(sa_type=TEXT)
    post: str | None = Field(default=None, sa_type=TEXT)
    agency: str | None = Field(default=None, sa_type=TEXT)
    reference: str | None = Field(default=None, sa_type=TEXT)
