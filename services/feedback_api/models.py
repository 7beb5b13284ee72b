"""The feedback service's own tables, on a registry of its own beside its copy of the platform's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.ids import new_id
from shared.tables import copy_into, platform

_registry = registry()
metadata = _registry.metadata
metadata.naming_convention = platform.naming_convention
copy_into(metadata)

_moment = sa.DateTime(timezone=True)
_OUTCOMES = "('upheld','partially_upheld','not_upheld','withdrawn','no_finding')"


def _codes() -> Any:
    return Field(sa_type=ARRAY(sa.Text))


def _text(**more: Any) -> Any:
    return Field(sa_type=sa.Text, **more)


class Table(SQLModel, registry=_registry):
    """The base of every table of this service."""


def table_of(model: type[Table]) -> sa.Table:
    """The table behind a model, for statements over its columns."""
    return metadata.tables[str(model.__tablename__)]


class _Recorded(Table):
    """What every record of this service carries: its key, its version, who recorded it and when."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int
    recorded_by: str = _text()
    recorded_at: datetime = Field(sa_type=_moment)
    changed_at: datetime = Field(sa_type=_moment)
    # SHA-256 of what the source last sent: its export again changes nothing, whatever was corrected since.
    source_hash: bytes = Field(sa_type=sa.LargeBinary)
    unit: str = _text()
    themes: list[str] = _codes()


class _FromRespond(_Recorded):
    """What a complaint and a compliment share."""

    respond_ref: str = _text()
    received_on: date
    agency: str | None = _text(default=None, nullable=True)
    respondent_group: str | None = _text(default=None, nullable=True)


class View(_Recorded, table=True):
    """What one person or group said, through one channel, about one unit."""

    __tablename__ = "view"
    __table_args__ = (
        sa.UniqueConstraint("source", "source_ref"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        sa.CheckConstraint("sentiment IN ('positive','mixed','negative')", name="sentiment"),
        sa.CheckConstraint("age_band IN ('under 1','1-4','5-9','10-15','16+')", name="age_band"),
        sa.CheckConstraint("consent IN ('shared','anonymous','internal_only')", name="consent"),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("safeguarding_flag = (cardinality(flag_reasons) > 0)", name="flag"),
        sa.CheckConstraint("version >= 1", name="version"),
        # Lists walk it backwards; a summary of a period never leaves it for the table.
        sa.Index(
            "ix_view_given_on",
            "given_on",
            "id",
            postgresql_include=["unit", "channel", "respondent_group", "sentiment", "rating", "themes"],
        ),
        sa.Index("ix_view_flagged", "given_on", "id", postgresql_where=sa.text("safeguarding_flag")),
    )

    source: str = _text()
    source_ref: str | None = _text(default=None, nullable=True)
    channel: str = _text()
    respondent_group: str = _text()
    given_on: date
    age_band: str | None = _text(default=None, nullable=True)
    rating: int | None = Field(default=None, sa_type=sa.SmallInteger)
    sentiment: str | None = _text(default=None, nullable=True)
    what_works: str | None = _text(default=None, nullable=True)
    what_should_change: str | None = _text(default=None, nullable=True)
    consent: str = _text()
    safeguarding_flag: bool
    flag_reasons: list[str] = _codes()
    import_id: UUID | None = None


class ViewLink(Table, table=True):
    """The audit, review or assessment in which a view was given."""

    __tablename__ = "view_link"
    __table_args__ = (sa.Index("ix_view_link_ref", "kind", "ref"),)

    view_id: UUID = Field(foreign_key="view.id", primary_key=True)
    kind: str = _text(primary_key=True)
    ref: str = _text(primary_key=True)


class _History(Table):
    """What a record said until it was changed; the record itself is always the newest version."""

    content: dict[str, Any] = Field(sa_type=JSONB)
    reason: str | None = _text(default=None, nullable=True)
    valid_from: datetime = Field(sa_type=_moment)
    superseded_at: datetime = Field(sa_type=_moment)
    superseded_by: str = _text()


class ViewHistory(_History, table=True):
    __tablename__ = "view_history"
    view_id: UUID = Field(foreign_key="view.id", primary_key=True)
    version: int = Field(primary_key=True)


class Complaint(_FromRespond, table=True):
    """A complaint as the complaints system and the council's own handling have it now."""

    __tablename__ = "complaint"
    __table_args__ = (
        sa.UniqueConstraint("respond_ref"),
        sa.CheckConstraint("status IN ('open','closed','refused')", name="status"),
        sa.CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),
        sa.CheckConstraint("status = 'closed' OR outcome IS NULL", name="outcome_of_closed"),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_on"),
        sa.CheckConstraint("closed_on >= received_on", name="dates"),
        sa.CheckConstraint(
            "(eligible IS NOT FALSE AND consent_given IS NOT FALSE) OR refusal_reason IS NOT NULL",
            name="refusal",
        ),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_complaint_received_on", "received_on", "id", postgresql_include=["unit", "status"]),
        sa.Index("ix_complaint_open", "unit", postgresql_where=sa.text("status = 'open'")),
    )

    procedure: str = _text()
    eligible: bool | None = None
    consent_given: bool | None = None
    refusal_reason: str | None = _text(default=None, nullable=True)
    status: str = _text()
    outcome: str | None = _text(default=None, nullable=True)
    closed_on: date | None = None
    learning: str | None = _text(default=None, nullable=True)
    improvement: str | None = _text(default=None, nullable=True)
    shared_learning: str | None = _text(default=None, nullable=True)
    learning_by: str | None = _text(default=None, nullable=True)
    learning_at: datetime | None = Field(default=None, sa_type=_moment)


class ComplaintStage(Table, table=True):
    """One stage of a complaint with its two clocks; `run` counts up when it is reopened."""

    __tablename__ = "complaint_stage"
    __table_args__ = (
        sa.CheckConstraint("run >= 1 AND position >= 1", name="place"),
        sa.CheckConstraint("ended_on >= started_on", name="dates"),
        sa.CheckConstraint("outcome IS NULL OR ended_on IS NOT NULL", name="outcome_when_ended"),
        sa.CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),
        sa.Index(
            "uq_complaint_stage_open",
            "complaint_id",
            unique=True,
            postgresql_where=sa.text("ended_on IS NULL"),
        ),
        sa.Index("ix_complaint_stage_due", "statutory_due_on", postgresql_where=sa.text("ended_on IS NULL")),
    )

    complaint_id: UUID = Field(foreign_key="complaint.id", primary_key=True)
    stage: str = _text(primary_key=True)
    run: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    position: int = Field(sa_type=sa.SmallInteger)
    started_on: date
    requested_on: date | None = None
    complaint_finalised_on: date | None = None
    ended_on: date | None = None
    outcome: str | None = _text(default=None, nullable=True)
    accepted_because: str | None = _text(default=None, nullable=True)
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
    stage: str = _text()
    run: int = Field(sa_type=sa.SmallInteger)
    working_days: int = Field(sa_type=sa.SmallInteger)
    reason: str = _text()
    granted_on: date
    recorded_by: str = _text()
    recorded_at: datetime = Field(sa_type=_moment)


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
    reason: str = _text()
    recorded_by: str = _text()
    recorded_at: datetime = Field(sa_type=_moment)


class ComplaintHistory(_History, table=True):
    __tablename__ = "complaint_history"
    complaint_id: UUID = Field(foreign_key="complaint.id", primary_key=True)
    version: int = Field(primary_key=True)


class Compliment(_FromRespond, table=True):
    """A compliment, as the complaints system recorded it."""

    __tablename__ = "compliment"
    __table_args__ = (
        sa.UniqueConstraint("respond_ref"),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_compliment_received_on", "received_on", "id", postgresql_include=["unit"]),
    )

    words: str | None = _text(default=None, nullable=True)


class ComplimentHistory(_History, table=True):
    __tablename__ = "compliment_history"
    compliment_id: UUID = Field(foreign_key="compliment.id", primary_key=True)
    version: int = Field(primary_key=True)


class BankHoliday(Table, table=True):
    """A day off that England's calendar in the library does not know yet, such as a newly proclaimed one."""

    __tablename__ = "bank_holiday"
    day: date = Field(primary_key=True)
    name: str = _text()
    version: int
    recorded_by: str = _text()
    recorded_at: datetime = Field(sa_type=_moment)
