"""The calendar of reports and meetings on the wire."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from services.reporting_api.meeting_days import MeetingStatus
from services.reporting_api.occurrences import Status
from shared.schemas.base import OutModel
from shared.schemas.board_report import PeriodRef


class DueEntry(OutModel):
    """A report that is due on the day."""

    occurrence: str
    report: str
    title: str
    period: str
    period_label: str
    status: Status
    audiences: list[str]
    owner_role: str
    unit: str | None
    meeting_on: date | None


class MeetingEntry(OutModel):
    """A board that meets on the day, or would have."""

    board: str
    name: str
    planned_on: date
    status: MeetingStatus
    starts_at: str | None = Field(description="HH:MM in London")
    place: str | None


class CalendarDay(OutModel):
    day: date
    weekday: str
    working_day: bool
    holiday: str | None = Field(description="the bank holiday, or that the council is closed")
    due: list[DueEntry]
    meetings: list[MeetingEntry]


class CalendarMonth(OutModel):
    month: str
    label: str
    due: int
    meetings: int
    days: list[CalendarDay] = Field(description="days on which something is due, a board meets or a holiday falls")


class Undated(OutModel):
    """A report that is owed and has no due date yet."""

    report: str
    title: str
    period: str
    awaits: Literal["meeting", "term_dates"]
    occurrence: str | None = Field(description="once it has been made; it is planned and becomes due with the meeting")


class CalendarOut(OutModel):
    """What is due and who meets, day by day."""

    period: PeriodRef
    as_of: date
    board: str | None
    due: int
    meetings: int
    months: list[CalendarMonth]
    undated: list[Undated] = Field(description="reports of the period whose due date waits for a meeting or term dates")
