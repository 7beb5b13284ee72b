"""The tables of selection: the open cases of each team, who audits, and which case was drawn for what and why."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, TEXTS, Table
from shared.ids import new_id


class OpenCaseList(Table, table=True):
    """The open cases of a team as at a day, as they were posted; a list never changes, a later revision replaces it."""

    __tablename__ = "open_case_list"
    __table_args__ = (sa.UniqueConstraint("unit", "as_at", "revision"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    as_at: date
    revision: int
    cases: int
    hash: bytes = Field(sa_type=sa.LargeBinary)
    posted_by: str = Field(sa_type=TEXT)
    posted_at: datetime = Field(sa_type=MOMENT)


class OpenCase(Table, table=True):
    """One case of a list, by its reference in the case system, with who works on it and who supervises it."""

    __tablename__ = "open_case"
    __table_args__ = (sa.Index("ix_open_case_case_reference", "case_reference"),)
    list_id: UUID = Field(primary_key=True, foreign_key="open_case_list.id")
    case_reference: str = Field(sa_type=TEXT, primary_key=True)
    opened_on: date
    closed_on: date | None = None
    strata: dict[str, str] = Field(sa_type=JSONB)
    workers: list[str] = Field(sa_type=TEXTS)
    managers: list[str] = Field(sa_type=TEXTS)


class Auditor(Table, table=True):
    """A member of staff who audits: where from, trained for what, how much, and from when to when."""

    __tablename__ = "auditor"
    __table_args__ = (
        sa.CheckConstraint("(unit IS NULL) = (council IS NOT NULL)", name="unit_or_council"),
        sa.CheckConstraint("cardinality(tools) + cardinality(audit_types) > 0", name="trained"),
        sa.CheckConstraint("available_to IS NULL OR available_to >= available_from", name="available"),
        sa.CheckConstraint("capacity_per_month BETWEEN 0 AND 100", name="capacity_per_month"),
        sa.Index("ix_auditor_unit", "unit"),
    )
    reference: str = Field(sa_type=TEXT, primary_key=True)
    unit: str | None = Field(default=None, sa_type=TEXT, foreign_key="org_unit.code")
    council: str | None = Field(default=None, sa_type=TEXT)
    level: str = Field(sa_type=TEXT)
    tools: list[str] = Field(sa_type=TEXTS)
    audit_types: list[str] = Field(sa_type=TEXTS)
    capacity_per_month: int = Field(sa_type=SMALL)
    available_from: date
    available_to: date | None = None
    recorded_by: str = Field(sa_type=TEXT)
    recorded_at: datetime = Field(sa_type=MOMENT)
    version: int = 1


class CaseDraw(Table, table=True):
    """A draw with all it takes to do it again: the seed, the rules, and why which case could not be drawn."""

    __tablename__ = "case_draw"
    __table_args__ = (
        sa.CheckConstraint("asked >= 1 AND pool_size >= asked", name="enough"),
        sa.Index("ix_case_draw_unit", "unit", "id"),
        sa.Index("ix_case_draw_slot_id", "slot_id", postgresql_where=sa.text("slot_id IS NOT NULL")),
        sa.Index("ix_case_draw_round_id", "round_id", postgresql_where=sa.text("round_id IS NOT NULL")),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    slot_id: UUID | None = Field(default=None, foreign_key="audit_slot.id")
    round_id: UUID | None = Field(default=None, foreign_key="audit_round.id")
    tool: str = Field(sa_type=TEXT)
    audit_type: str = Field(sa_type=TEXT)
    asked: int
    seed: str = Field(sa_type=TEXT)
    seed_given: bool
    stratify_by: str | None = Field(default=None, sa_type=TEXT)
    weights: dict[str, int] = Field(sa_type=JSONB)
    rules: dict[str, Any] = Field(sa_type=JSONB)
    strata: list[dict[str, Any]] = Field(sa_type=JSONB)
    excluded: list[dict[str, Any]] = Field(sa_type=JSONB)
    pool_size: int
    pool_hash: bytes = Field(sa_type=sa.LargeBinary)
    drawn_on: date
    drawn_by: str = Field(sa_type=TEXT)
    drawn_at: datetime = Field(sa_type=MOMENT)
    version: int = 1


class DrawSource(Table, table=True):
    """A list of open cases that a draw rests on."""

    __tablename__ = "draw_source"
    __table_args__ = (sa.Index("ix_draw_source_list_id", "list_id"),)
    draw_id: UUID = Field(primary_key=True, foreign_key="case_draw.id")
    list_id: UUID = Field(primary_key=True, foreign_key="open_case_list.id")


class DrawnCase(Table, table=True):
    """A case that was drawn, its audit, and how its auditor was chosen; a replaced one stays beside its replacement."""

    __tablename__ = "drawn_case"
    __table_args__ = (
        sa.UniqueConstraint("draw_id", "case_reference"),
        sa.UniqueConstraint("draw_id", "replaces"),
        sa.CheckConstraint("replaces IS NULL OR replaces < position", name="replaces"),
        sa.CheckConstraint(
            "(replaced_reason IS NULL) = (replaced_by IS NULL) AND (replaced_reason IS NULL) = (replaced_at IS NULL)",
            name="replaced",
        ),
        sa.Index("ix_drawn_case_audit_id", "audit_id", unique=True),
        sa.Index("ix_drawn_case_case_reference", "case_reference"),
    )
    draw_id: UUID = Field(primary_key=True, foreign_key="case_draw.id")
    position: int = Field(sa_type=SMALL, primary_key=True)
    case_reference: str = Field(sa_type=TEXT)
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    stratum: str = Field(sa_type=TEXT)
    audit_id: UUID = Field(foreign_key="audit.id")
    assignments: list[dict[str, Any]] = Field(sa_type=JSONB)
    replaces: int | None = Field(default=None, sa_type=SMALL)
    passed_over: list[dict[str, Any]] = Field(sa_type=JSONB)
    replaced_reason: str | None = Field(default=None, sa_type=TEXT)
    replaced_note: str | None = Field(default=None, sa_type=TEXT)
    replaced_by: str | None = Field(default=None, sa_type=TEXT)
    replaced_at: datetime | None = Field(default=None, sa_type=MOMENT)
