"""The tables of complaints: the case, its stages with their clocks, and the days that do not count."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, FromRespond, History, Table, text
from shared.ids import new_id

OUTCOMES = "('upheld','partially_upheld','not_upheld','withdrawn','no_finding')"


class Complaint(FromRespond, table=True):
    """A complaint as the complaints system and the council's own handling have it now."""

    __tablename__ = "complaint"
    __table_args__ = (
        sa.UniqueConstraint("respond_ref"),
        sa.CheckConstraint("status IN ('open','closed','refused','merged')", name="status"),
        sa.CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged"),
        sa.CheckConstraint("merged_into <> id", name="merged_elsewhere"),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        sa.CheckConstraint("status = 'closed' OR outcome IS NULL", name="outcome_of_closed"),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_on"),
        sa.CheckConstraint("closed_on >= received_on", name="dates"),
        sa.CheckConstraint(
            "(eligible IS NOT FALSE AND consent_given IS NOT FALSE) OR refusal_reason IS NOT NULL",
            name="refusal",
        ),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_complaint_changed_at", "changed_at"),
        sa.Index("ix_complaint_received_on", "received_on", "id", postgresql_include=["unit", "status"]),
        sa.Index("ix_complaint_open", "unit", postgresql_where=sa.text("status = 'open'")),
        sa.Index("ix_complaint_merged", "merged_into", postgresql_where=sa.text("merged_into IS NOT NULL")),
        sa.Index("ix_complaint_group", sa.text("COALESCE(merged_into, id)")),
    )

    procedure: str = text()
    eligible: bool | None = None
    consent_given: bool | None = None
    refusal_reason: str | None = text(default=None, nullable=True)
    refusal_code: str | None = text(default=None, nullable=True)
    eligibility_by: str | None = text(default=None, nullable=True)
    eligibility_on: date | None = None
    consent_by: str | None = text(default=None, nullable=True)
    consent_on: date | None = None
    matter_on: date | None = None
    # The procedure it was moved from here: its source may go on naming that one.
    moved_from: str | None = text(default=None, nullable=True)
    merged_into: UUID | None = Field(default=None, foreign_key="complaint.id")
    status: str = text()
    outcome: str | None = text(default=None, nullable=True)
    closed_on: date | None = None
    learning: str | None = text(default=None, nullable=True)
    improvement: str | None = text(default=None, nullable=True)
    shared_learning: str | None = text(default=None, nullable=True)
    learning_by: str | None = text(default=None, nullable=True)
    learning_at: datetime | None = Field(default=None, sa_type=MOMENT)
    learning_owner: str | None = text(default=None, nullable=True)
    learning_due_on: date | None = None


class ComplaintStage(Table, table=True):
    """One stage of a complaint with its two clocks; `run` counts up when it is reopened."""

    __tablename__ = "complaint_stage"
    __table_args__ = (
        sa.CheckConstraint("run >= 1 AND position >= 1", name="place"),
        sa.CheckConstraint("ended_on >= started_on", name="dates"),
        sa.CheckConstraint("outcome IS NULL OR ended_on IS NOT NULL", name="outcome_when_ended"),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        sa.CheckConstraint("ended_because IN ('agreed','overdue','refused')", name="ended_because"),
        sa.CheckConstraint("ended_because IS NULL OR (ended_on IS NOT NULL AND outcome IS NULL)", name="led_on"),
        sa.Index(
            "uq_complaint_stage_open",
            "complaint_id",
            unique=True,
            postgresql_where=sa.text("ended_on IS NULL"),
        ),
        sa.Index("ix_complaint_stage_due", "statutory_due_on", postgresql_where=sa.text("ended_on IS NULL")),
    )

    complaint_id: UUID = Field(foreign_key="complaint.id", primary_key=True)
    stage: str = text(primary_key=True)
    run: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    position: int = Field(sa_type=sa.SmallInteger)
    started_on: date
    requested_on: date | None = None
    complaint_finalised_on: date | None = None
    ended_on: date | None = None
    outcome: str | None = text(default=None, nullable=True)
    ended_because: str | None = text(default=None, nullable=True)
    reported_on: date | None = None
    adjudicated_on: date | None = None
    ombudsman_told_on: date | None = None
    accepted_because: str | None = text(default=None, nullable=True)
    clock_starts_on: date | None = None
    statutory_due_on: date | None = None
    local_due_on: date | None = None


class ComplaintExtension(Table, table=True):
    """Further working days given to one stage, with the reason."""

    __tablename__ = "complaint_extension"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["complaint_id", "stage", "run"],
            ["complaint_stage.complaint_id", "complaint_stage.stage", "complaint_stage.run"],
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("working_days BETWEEN 1 AND 400", name="working_days"),
        sa.Index("ix_complaint_extension_stage", "complaint_id", "stage", "run"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    complaint_id: UUID
    stage: str = text()
    run: int = Field(sa_type=sa.SmallInteger)
    working_days: int = Field(sa_type=sa.SmallInteger)
    reason: str = text()
    granted_on: date
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)


class ComplaintFreeze(Table, table=True):
    """Days on which a complaint is set aside; both days included, and an open end is null."""

    __tablename__ = "complaint_freeze"
    __table_args__ = (
        sa.CheckConstraint("to_on >= from_on", name="dates"),
        sa.Index("uq_complaint_freeze_open", "complaint_id", unique=True, postgresql_where=sa.text("to_on IS NULL")),
        sa.Index("ix_complaint_freeze_complaint", "complaint_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    from_on: date
    to_on: date | None = None
    reason: str = text()
    decided_by: str | None = text(default=None, nullable=True)
    proceedings_ended_on: date | None = None
    resumed_because: str | None = text(default=None, nullable=True)
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)


class ComplaintHistory(History, table=True):
    __tablename__ = "complaint_history"
    __table_args__ = (sa.Index("ix_complaint_history_superseded_at", "superseded_at"),)
    complaint_id: UUID = Field(foreign_key="complaint.id", primary_key=True)
    version: int = Field(primary_key=True)


class BankHoliday(Table, table=True):
    """A day off that England's calendar in the library does not know yet, or one of its own that is worked."""

    __tablename__ = "bank_holiday"
    day: date = Field(primary_key=True)
    name: str = text()
    worked: bool = False
    version: int
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)


class CalendarState(Table, table=True):
    """One row: the state of the days off and of the procedures' limits, by which open clocks were last counted.

    A trigger gives it another `state` whenever the row is written, by which the former release knows it.
    """

    __tablename__ = "calendar_state"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)
    id: int = Field(primary_key=True, sa_type=sa.SmallInteger, sa_column_kwargs={"autoincrement": False})
    version: int = Field(sa_type=sa.BigInteger)
    state: UUID = Field(sa_column_kwargs={"server_default": sa.text("gen_random_uuid()")})
