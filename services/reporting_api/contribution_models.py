"""The tables of contributions: what units and agencies were asked for, what they sent, and the trail of both."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, now, one_of, text
from shared.ids import new_id

EVENT_KINDS = ("asked", "reminded", "chased", "moved", "received", "refused", "waived")


class Contribution(Table, table=True):
    """One contributor's part of one report; there from the day it is asked for, and never deleted.

    `received_on` is the day of the first submission since it was asked for or sent back, `submission` the number of
    the one that stands. `due_on` follows the report's own day unless it was set by hand.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        sa.UniqueConstraint("occurrence", "contributor_kind", "contributor", name="uq_contribution_contributor"),
        sa.CheckConstraint(one_of("contributor_kind", ("agency", "unit")), name="contributor_kind"),
        sa.CheckConstraint("(received_on IS NULL) = (submission IS NULL)", name="received"),
        sa.CheckConstraint("(waived_on IS NULL) = (waived_reason IS NULL)", name="waived"),
        sa.CheckConstraint("chases >= 0 AND version >= 1", name="counts"),
        sa.Index("ix_contribution_due_on", "due_on", "id"),
        sa.Index("ix_contribution_contributor", "contributor_kind", "contributor", "due_on"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    occurrence: UUID = Field(foreign_key="occurrence.id")
    contributor_kind: str = text()
    contributor: str = text()
    parts: list[Any] = Field(sa_type=JSONB)
    asked_on: date
    due_on: date
    originally_due_on: date
    due_by_hand: bool = False
    received_on: date | None = None
    submission: int | None = None
    chases: int = 0
    last_chased_on: date | None = None
    waived_on: date | None = None
    waived_reason: str | None = text(default=None)
    version: int = 1
    created_at: datetime = now()


class ContributionSubmission(Table, table=True):
    """What a contributor sent, as it was sent; a correction is another submission. Never changed."""

    __tablename__ = "contribution_submission"
    __table_args__ = (sa.CheckConstraint("number >= 1", name="number"),)

    contribution: UUID = Field(foreign_key="contribution.id", primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    content: dict[str, Any] = Field(sa_type=JSONB)
    content_hash: str = text()
    received_on: date
    received_at: datetime = moment()
    submitted_by: str = text()


class ContributionEvent(Table, table=True):
    """One dated step of a contribution: who asked, chased, sent or waived it, when and how. Never changed."""

    __tablename__ = "contribution_event"
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", EVENT_KINDS), name="kind"),
        sa.Index("ix_contribution_event_contribution", "contribution", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    contribution: UUID = Field(foreign_key="contribution.id")
    kind: str = text()
    happened_on: date
    by: str = text()
    how: str | None = text(default=None)
    words: str | None = text(default=None)
    due_on: date
    submission: int | None = None
    recorded_at: datetime = now()
