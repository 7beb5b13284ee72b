"""The tables of how a complaint is handled: its people, advocacy, and what became a complaint afterwards."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text
from shared.ids import new_id


class ComplaintPerson(Table, table=True):
    """Who serves in one stage of a complaint; whoever left stays in the table.

    There is no key to the stage: what the source sends replaces stages whole, and people must outlive that.
    """

    __tablename__ = "complaint_person"
    __table_args__ = (
        sa.CheckConstraint("(left_on IS NULL) = (left_because IS NULL)", name="left"),
        sa.CheckConstraint("left_on >= appointed_on", name="dates"),
        sa.Index("ix_complaint_person_complaint", "complaint_id", "stage", "run"),
        sa.Index(
            "uq_complaint_person_serving",
            "complaint_id",
            "stage",
            "run",
            "person",
            unique=True,
            postgresql_where=sa.text("left_on IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    stage: str = text()
    run: int = Field(sa_type=sa.SmallInteger)
    role: str = text()
    person: str = text()
    employed_by_council: bool
    in_line_of_service: bool
    appointed_on: date
    left_on: date | None = None
    left_because: str | None = text(default=None, nullable=True)
    replaces: UUID | None = Field(default=None, foreign_key="complaint_person.id")
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)


class ComplaintAdvocacy(Table, table=True):
    """An advocate offered to whoever complains, and the answer."""

    __tablename__ = "complaint_advocacy"
    __table_args__ = (
        sa.CheckConstraint("answer IN ('accepted','declined','not_applicable','awaited')", name="answer"),
        sa.CheckConstraint("answer <> 'not_applicable' OR reason IS NOT NULL", name="reason"),
        sa.CheckConstraint("answer <> 'accepted' OR provider IS NOT NULL", name="provider"),
        sa.Index("ix_complaint_advocacy_complaint", "complaint_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    offered_on: date
    answer: str = text()
    provider: str | None = text(default=None, nullable=True)
    reason: str | None = text(default=None, nullable=True)
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)


class Recategorisation(Table, table=True):
    """A view or a compliment that turned out to be a complaint; one that was so by mistake stays in the table."""

    __tablename__ = "recategorisation"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('view','compliment')", name="kind"),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_because IS NULL)", name="undone"),
        sa.Index("uq_recategorisation_ref", "kind", "ref", unique=True, postgresql_where=sa.text("undone_at IS NULL")),
        sa.Index("ix_recategorisation_complaint", "complaint_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = text()
    ref: str = text()
    complaint_id: UUID = Field(foreign_key="complaint.id")
    reason: str = text()
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
    undone_because: str | None = text(default=None, nullable=True)
    undone_by: str | None = text(default=None, nullable=True)
    undone_at: datetime | None = Field(default=None, sa_type=MOMENT)
