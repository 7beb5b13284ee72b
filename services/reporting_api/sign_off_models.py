"""The tables of signing off: delegations, the steps back and forth, and what was said on the way."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.reporting_api.registry import Table, moment, now, one_of, text, texts
from shared.ids import new_id

# A right that is handed on for longer is another appointment, not a delegation.
MOST_DAYS = 366


class Delegation(Table, table=True):
    """Somebody who holds a role lets another sign in it, from one day to another; ended early it stays on record.

    `unit` is the part of the council the right goes for, null the whole;
    `covers` names reports and returns, empty means all.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        sa.CheckConstraint("delegate <> delegator", name="two_people"),
        sa.CheckConstraint(f"ends_on >= starts_on AND ends_on - starts_on < {MOST_DAYS}", name="dates"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_reason"),
        sa.Index("ix_delegation_role", "role", "starts_on", "ends_on"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    role: str = text()
    unit: str | None = text(default=None)
    delegator: str = text()
    delegate: str = text()
    starts_on: date
    ends_on: date
    covers: list[str] = texts()
    reason: str = text()
    created_at: datetime = now()
    ended_at: datetime | None = moment(default=None)
    ended_by: str | None = text(default=None)
    end_reason: str | None = text(default=None)
    version: int = 1


class ReportStep(Table, table=True):
    """A step of an edition that is no signature: put forward, sent back, withdrawn or reopened, by whom and why."""

    __tablename__ = "report_step"
    __table_args__ = (
        sa.CheckConstraint(one_of("step", ("submitted", "sent_back", "withdrawn", "reopened")), name="step"),
        sa.CheckConstraint("(step = 'submitted') = (reason IS NULL)", name="reason"),
        sa.Index("ix_report_step_report", "report", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    report: UUID = Field(foreign_key="report.id")
    step: str = text()
    subject: str = text()
    role: str | None = text(default=None)
    on_behalf_of: str | None = text(default=None)
    reason: str | None = text(default=None)
    sections: list[str] = texts()
    content_hash: str = text()
    taken_at: datetime = moment()


class ReportComment(Table, table=True):
    """What somebody who works on an edition remarks on it; answers belong to the remark that began the thread."""

    __tablename__ = "report_comment"
    __table_args__ = (
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved"),
        sa.CheckConstraint("in_reply_to IS NULL OR (section IS NULL AND resolved_at IS NULL)", name="reply"),
        sa.Index("ix_report_comment_report", "report", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    report: UUID = Field(foreign_key="report.id")
    in_reply_to: UUID | None = Field(default=None, foreign_key="report_comment.id")
    section: str | None = text(default=None)
    content: str = text()
    content_hash: str = text()
    author: str = text()
    written_at: datetime = moment()
    resolved_at: datetime | None = moment(default=None)
    resolved_by: str | None = text(default=None)
    version: int = 1
