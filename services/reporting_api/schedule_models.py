"""The tables of the schedule: occurrences, the due dates they had, and why they were late."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, now, one_of, text, texts
from shared.ids import new_id

STAGES = ("planned", "due", "assembling", "draft", "submitted", "signed_off", "published")
LATENESS_CAUSES = (
    "figures_late", "contribution_late", "source_unavailable", "not_signed", "meeting_changed", "staff_absent", "other",
)  # fmt: skip


class Occurrence(Table, table=True):
    """One report for one period: there before it runs, and never deleted.

    `stage` is how far the work has come; `late_on` and `missed_on`, once set, stay. `boards` are the audiences
    and the board it goes through. `meeting_on` is the meeting its papers are counted back from. While no such
    meeting is known it has no `due_on` and stays planned; once it has one, it keeps one.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        sa.UniqueConstraint("report", "period", "occasion"),
        sa.CheckConstraint("period_start <= period_end", name="period"),
        sa.CheckConstraint("occasion >= 1 AND assemblies >= 0 AND version >= 1", name="counts"),
        sa.CheckConstraint(one_of("stage", STAGES), name="stage"),
        sa.CheckConstraint("(stage = 'published') = (published_on IS NOT NULL)", name="published"),
        sa.CheckConstraint("missed_on IS NULL OR late_on IS NOT NULL", name="missed_after_late"),
        sa.CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
        sa.Index("ix_occurrence_due_on", "due_on", "id"),
        sa.Index("ix_occurrence_boards", "boards", postgresql_using="gin"),
        sa.Index(
            "ix_occurrence_open",
            "due_on",
            postgresql_where=sa.text("published_on IS NULL AND withdrawn_on IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    report: str = text()
    period: str = text()
    occasion: int = Field(default=1, sa_type=sa.SmallInteger)
    period_start: date
    period_end: date
    opens_on: date
    due_on: date | None = None
    meeting_on: date | None = None
    stage: str = text(default="planned")
    late_on: date | None = None
    missed_on: date | None = None
    owner_role: str = text()
    unit: str | None = text(default=None)
    audiences: list[str] = texts()
    boards: list[str] = texts()
    catch_up: str = text()
    requested_by: str | None = text(default=None)
    request_reason: str | None = text(default=None)
    assemblies: int = 0
    refresh_after: datetime | None = moment(default=None)
    published_on: date | None = None
    withdrawn_on: date | None = None
    withdrawn_reason: str | None = text(default=None)
    version: int = 1
    created_at: datetime = now()


class DueChange(Table, table=True):
    """A due date that moved, or became known, and why; the earlier date is never lost."""

    __tablename__ = "occurrence_due_change"
    __table_args__ = (sa.Index("ix_occurrence_due_change_occurrence", "occurrence", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    occurrence: UUID = Field(foreign_key="occurrence.id")
    was: date | None = None
    becomes: date
    was_period_end: date
    becomes_period_end: date
    reason: str = text()
    changed_by: str = text()
    changed_at: datetime = now()


class LatenessReason(Table, table=True):
    """Why a report is or will be late, and when it is expected; a later reason stands beside the earlier ones."""

    __tablename__ = "occurrence_lateness"
    __table_args__ = (
        sa.CheckConstraint(one_of("cause", LATENESS_CAUSES), name="cause"),
        sa.Index("ix_occurrence_lateness_occurrence", "occurrence", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    occurrence: UUID = Field(foreign_key="occurrence.id")
    cause: str = text()
    reason: str = text()
    expected_on: date | None = None
    given_by: str = text()
    given_at: datetime = now()
