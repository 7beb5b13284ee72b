"""The tables of meetings: what was recorded of a board's meetings beside the framework's plan, and every change."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.reporting_api.registry import Table, now, one_of, text
from shared.ids import new_id

MEETING_CHANGES = ("added", "moved", "cancelled", "reinstated", "arranged")


class BoardMeeting(Table, table=True):
    """A meeting that is not, or no longer, just what the framework plans.

    `planned_on` is the day it was first planned for: with the board its name for good, wherever it moves.
    """

    __tablename__ = "board_meeting"
    __table_args__ = (
        sa.CheckConstraint("version >= 2", name="version"),
        sa.Index(
            "uq_board_meeting_day", "board", "meets_on", unique=True, postgresql_where=sa.text("NOT cancelled")
        ),
    )  # fmt: skip

    board: str = text(primary_key=True)
    planned_on: date = Field(primary_key=True)
    meets_on: date
    cancelled: bool = False
    starts_at: time | None = None
    place: str | None = text(default=None)
    # A meeting of the plan is at version 1 before anything is recorded of it.
    version: int = 2


class MeetingChange(Table, table=True):
    """One change to a meeting, and why; never changed."""

    __tablename__ = "board_meeting_change"
    __table_args__ = (
        sa.ForeignKeyConstraint(["board", "planned_on"], ["board_meeting.board", "board_meeting.planned_on"]),
        sa.CheckConstraint(one_of("change", MEETING_CHANGES), name="change"),
        sa.Index("ix_board_meeting_change_meeting", "board", "planned_on", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    board: str = text()
    planned_on: date
    change: str = text()
    was: date
    becomes: date
    reason: str = text()
    changed_by: str = text()
    changed_at: datetime = now()
