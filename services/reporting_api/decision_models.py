"""The tables of decisions: what boards decided on a report, and what was said of each since."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, now, one_of, text, texts
from shared.ids import new_id

DECISION_STATUSES = ("open", "done", "cancelled")


class Decision(Table, table=True):
    """What a board decided on a published report; open until somebody says it is done.

    `boards` are all who were sent that report: in a report that others see too it never comes back.
    """

    __tablename__ = "decision"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", DECISION_STATUSES), name="status"),
        sa.CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended"),
        sa.CheckConstraint("(due_on IS NULL) = (originally_due_on IS NULL)", name="due"),
        sa.CheckConstraint("version >= 1", name="counts"),
        sa.Index("ix_decision_board", "board", "meeting_on", "id"),
        sa.Index("ix_decision_report", "report"),
        sa.Index("ix_decision_meeting", "meeting_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    report: UUID = Field(foreign_key="report.id")
    board: str = text()
    boards: list[str] = texts()
    unit: str | None = text(default=None)
    meeting_on: date
    decided: str = text()
    owner_role: str | None = text(default=None)
    owner_unit: str | None = text(default=None)
    owner_agency: str | None = text(default=None)
    originally_due_on: date | None = None
    due_on: date | None = None
    status: str = text(default="open")
    ended_at: datetime | None = moment(default=None)
    version: int = 1
    recorded_by: str = text()
    recorded_at: datetime = now()


class DecisionUpdate(Table, table=True):
    """What was said of a decision on a day, and what that changed. Never changed itself."""

    __tablename__ = "decision_update"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", DECISION_STATUSES), name="status"),
        sa.Index("ix_decision_update_decision", "decision", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    decision: UUID = Field(foreign_key="decision.id")
    words: str = text()
    status: str = text()
    due_on: date | None = None
    happened_on: date
    by: str = text()
    recorded_at: datetime = now()
