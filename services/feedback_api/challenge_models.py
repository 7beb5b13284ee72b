"""The tables of challenges: what a partnership board asks of the service, and what it is answered."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, History, Table, text
from shared.ids import new_id


class Challenge(Table, table=True):
    """A challenge with its newest response; what both said before is in its history."""

    __tablename__ = "challenge"
    __table_args__ = (
        sa.CheckConstraint("about_kind IN ('indicator','audit','service','theme','free')", name="about_kind"),
        sa.CheckConstraint("(about_kind = 'free') = (about_ref IS NULL)", name="about_ref"),
        sa.CheckConstraint("status IN ('open','answered','sent_back','closed')", name="status"),
        sa.CheckConstraint(
            "outcome IN ('accepted','partly_accepted','not_accepted','superseded','withdrawn')", name="outcome"
        ),
        sa.CheckConstraint("status <> 'closed' OR outcome IS NOT NULL", name="outcome_of_closed"),
        sa.CheckConstraint("status <> 'answered' OR response IS NOT NULL", name="response_of_answered"),
        sa.CheckConstraint("(response IS NULL) = (responded_by IS NULL)", name="responded_by"),
        sa.CheckConstraint("(response IS NULL) = (responded_on IS NULL)", name="responded_on"),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_on"),
        sa.CheckConstraint("response_due >= raised_on", name="response_due"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_challenge_raised_on", "raised_on", "id"),
        sa.Index(
            "ix_challenge_unanswered",
            "response_due",
            "id",
            postgresql_where=sa.text("status IN ('open','sent_back')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int
    raised_by_body: str = text()
    raised_on: date
    about_kind: str = text()
    about_ref: str | None = text(default=None, nullable=True)
    unit: str = text()
    question: str = text()
    area_for_development: str | None = text(default=None, nullable=True)
    first_response_due: date
    response_due: date
    status: str = text()
    response: str | None = text(default=None, nullable=True)
    outcome: str | None = text(default=None, nullable=True)
    development_action: str | None = text(default=None, nullable=True)
    responded_by: str | None = text(default=None, nullable=True)
    responded_on: date | None = None
    responded_at: datetime | None = Field(default=None, sa_type=MOMENT)
    board_words: str | None = text(default=None, nullable=True)
    closed_on: date | None = None
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)


class ChallengeHistory(History, table=True):
    __tablename__ = "challenge_history"
    challenge_id: UUID = Field(foreign_key="challenge.id", primary_key=True)
    version: int = Field(primary_key=True)
