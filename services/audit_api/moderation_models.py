"""The tables of moderation: samples with all they could have drawn, moderations, and every grading they led to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, Table
from shared.ids import new_id

_DOMAINS = "('quality_of_intervention', 'outcomes_achieved', 'adherence_to_process')"
_PARTS = "('first', 'second', 'third', 'final')"


class ModerationSample(Table, table=True):
    """A draw of submitted audits: what it was of, how many it took, and the seed that draws the same again."""

    __tablename__ = "moderation_sample"
    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(percent, number) = 1", name="size"),
        sa.CheckConstraint("tool IS NOT NULL OR programme IS NOT NULL", name="of"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tool: str | None = Field(default=None, sa_type=TEXT)
    programme: str | None = Field(default=None, sa_type=TEXT)
    unit: str | None = Field(default=None, sa_type=TEXT, foreign_key="org_unit.code")
    period: str = Field(sa_type=TEXT)
    percent: int | None = Field(default=None, sa_type=SMALL)
    number: int | None = None
    seed: str = Field(sa_type=TEXT)
    passed_over: dict[str, Any] = Field(
        sa_type=JSONB, description="submitted audits that could not be drawn, by status"
    )
    drawn_by: str = Field(sa_type=TEXT)
    drawn_at: datetime = Field(sa_type=MOMENT)


class ModerationCandidate(Table, table=True):
    """An audit a sample could draw, with all that decided whether it was drawn."""

    __tablename__ = "moderation_candidate"
    __table_args__ = (
        sa.Index("ix_moderation_candidate_auditor", "auditor", postgresql_where=sa.text("drawn")),
        sa.Index("ix_moderation_candidate_audit_id", "audit_id"),
    )
    sample_id: UUID = Field(primary_key=True, foreign_key="moderation_sample.id")
    place: int = Field(primary_key=True, description="in the order of the draw, from 1")
    audit_id: UUID = Field(foreign_key="audit.id")
    auditor: str = Field(sa_type=TEXT)
    sampled_before: int = Field(description="audits of the auditor that earlier samples drew")
    drawn: bool


class Moderation(Table, table=True):
    """The second look at one submitted audit, until its grades are settled."""

    __tablename__ = "moderation"
    __table_args__ = (
        sa.CheckConstraint("origin IN ('sample', 'auditor', 'team', 'manager')", name="origin"),
        sa.CheckConstraint("(origin = 'sample') = (sample_id IS NOT NULL)", name="sampled"),
        sa.CheckConstraint(
            "status IN ('unallocated', 'allocated', 'consolidating', 'proposed', 'conflict', 'settled', 'withdrawn')",
            name="status",
        ),
        sa.CheckConstraint("(settled_how IS NOT NULL) = (status = 'settled')", name="settled"),
        sa.CheckConstraint("settled_how IN ('agreed', 'consolidated', 'third')", name="settled_how"),
        sa.CheckConstraint("status IN ('unallocated', 'withdrawn') OR moderator IS NOT NULL", name="moderator"),
        # One at a time for one audit.
        sa.Index(
            "uq_moderation_open", "audit_id", unique=True,
            postgresql_where=sa.text("status NOT IN ('settled', 'withdrawn')"),
        ),
        sa.Index("ix_moderation_audit_id", "audit_id", "id"),
        sa.Index("ix_moderation_moderator", "moderator", "audit_id"),
        sa.Index(
            "ix_moderation_third_grader", "third_grader", "audit_id",
            postgresql_where=sa.text("third_grader IS NOT NULL"),
        ),
    )  # fmt: skip
    id: UUID = Field(default_factory=new_id, primary_key=True)
    audit_id: UUID = Field(foreign_key="audit.id")
    edition: int
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    sample_id: UUID | None = Field(default=None, foreign_key="moderation_sample.id")
    origin: str = Field(sa_type=TEXT)
    reason: str | None = Field(default=None, sa_type=TEXT)
    status: str = Field(sa_type=TEXT)
    moderator: str | None = Field(default=None, sa_type=TEXT)
    moderator_unit: str | None = Field(default=None, sa_type=TEXT)
    read_before: bool = Field(description="the moderator had read the audit, so that the grading is not wholly blind")
    third_grader: str | None = Field(default=None, sa_type=TEXT)
    due_on: date
    raised_by: str = Field(sa_type=TEXT)
    raised_at: datetime = Field(sa_type=MOMENT)
    proposed_by: str | None = Field(default=None, sa_type=TEXT)
    conflict_reason: str | None = Field(default=None, sa_type=TEXT)
    settled_how: str | None = Field(default=None, sa_type=TEXT)
    settled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    withdrawn_why: str | None = Field(default=None, sa_type=TEXT)
    version: int = 1


class ModerationGrading(Table, table=True):
    """Who graded, as first, second or third, or whose the final grades are; another council's grader has no account."""

    __tablename__ = "moderation_grading"
    __table_args__ = (
        sa.CheckConstraint(f"part IN {_PARTS}", name="part"),
        sa.CheckConstraint("num_nonnulls(council, reference, evidence) IN (0, 3)", name="external"),
        sa.CheckConstraint("(by IS NULL) = (council IS NOT NULL)", name="by"),
        sa.CheckConstraint("council IS NULL OR part = 'third'", name="third"),
    )
    moderation_id: UUID = Field(primary_key=True, foreign_key="moderation.id")
    part: str = Field(sa_type=TEXT, primary_key=True)
    by: str | None = Field(default=None, sa_type=TEXT)
    council: str | None = Field(default=None, sa_type=TEXT)
    reference: str | None = Field(default=None, sa_type=TEXT)
    evidence: str | None = Field(default=None, sa_type=TEXT)
    recorded_by: str = Field(sa_type=TEXT)
    at: datetime = Field(sa_type=MOMENT)
    note: str | None = Field(default=None, sa_type=TEXT)
    answers: dict[str, Any] = Field(sa_type=JSONB)


class ModerationGrade(Table, table=True):
    """One domain's grade in a grading; a proposed one becomes part of the final grading once confirmed."""

    __tablename__ = "moderation_grade"
    __table_args__ = (
        sa.CheckConstraint(f"part IN {_PARTS[:-1]}, 'proposed')", name="part"),
        sa.CheckConstraint(f"domain IN {_DOMAINS}", name="domain"),
    )
    moderation_id: UUID = Field(primary_key=True, foreign_key="moderation.id")
    part: str = Field(sa_type=TEXT, primary_key=True)
    domain: str = Field(sa_type=TEXT, primary_key=True)
    grade: str = Field(sa_type=TEXT)
    rank: int = Field(sa_type=SMALL)
    reason: str | None = Field(default=None, sa_type=TEXT)
