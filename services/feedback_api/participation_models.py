"""The tables of participation: activities, who took part, and what people said and what was done about it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, History, Table, codes, text
from shared.ids import new_id


class ParticipationActivity(Table, table=True):
    """A piece of work in which people were involved, or a true word that nobody was, why, and what follows."""

    __tablename__ = "participation_activity"
    __table_args__ = (
        sa.CheckConstraint("ended_on >= began_on", name="dates"),
        sa.CheckConstraint("NOT took_place OR (method IS NOT NULL AND asked IS NOT NULL)", name="how"),
        sa.CheckConstraint("took_place = (why_nobody IS NULL)", name="why_nobody"),
        sa.CheckConstraint("took_place = (what_follows IS NULL)", name="what_follows"),
        sa.CheckConstraint("commission IS NULL OR commissioning_stage IS NOT NULL", name="commission"),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_participation_activity_ended_on", "ended_on", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int
    unit: str = text()
    title: str = text()
    took_place: bool
    method: str | None = text(default=None, nullable=True)
    began_on: date
    ended_on: date
    commissioning_stage: str | None = text(default=None, nullable=True)
    commission: str | None = text(default=None, nullable=True)
    asked: str | None = text(default=None, nullable=True)
    why_nobody: str | None = text(default=None, nullable=True)
    what_follows: str | None = text(default=None, nullable=True)
    themes: list[str] = codes()
    evidence: list[str] = codes()
    withdrawn_because: str | None = text(default=None, nullable=True)
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)


class ParticipationGroup(Table, table=True):
    """How many of one group of people took part in an activity, and of which ages."""

    __tablename__ = "participation_group"
    __table_args__ = (sa.CheckConstraint("people BETWEEN 1 AND 1000000", name="people"),)

    activity_id: UUID = Field(foreign_key="participation_activity.id", primary_key=True)
    respondent_group: str = text(primary_key=True)
    people: int
    age_bands: list[str] = codes()


class ParticipationActivityHistory(History, table=True):
    __tablename__ = "participation_activity_history"
    activity_id: UUID = Field(foreign_key="participation_activity.id", primary_key=True)
    version: int = Field(primary_key=True)


class ParticipationChange(Table, table=True):
    """You said, we did: what people said in an activity, what was done or why it was not, and when they were told."""

    __tablename__ = "participation_change"
    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(did, why_not) > 0", name="did"),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
        sa.CheckConstraint("approved_by <> written_by", name="second_person"),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_participation_change_activity_id", "activity_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int
    activity_id: UUID = Field(foreign_key="participation_activity.id")
    said: str = text()
    did: str | None = text(default=None, nullable=True)
    why_not: str | None = text(default=None, nullable=True)
    told_back_on: date | None = None
    themes: list[str] = codes()
    evidence: str | None = text(default=None, nullable=True)
    flag_reasons: list[str] = codes()
    written_by: str = text()
    approved_by: str | None = text(default=None, nullable=True)
    approved_at: datetime | None = Field(default=None, sa_type=MOMENT)
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)


class ParticipationChangeHistory(History, table=True):
    __tablename__ = "participation_change_history"
    change_id: UUID = Field(foreign_key="participation_change.id", primary_key=True)
    version: int = Field(primary_key=True)
