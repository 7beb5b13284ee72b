"""The calendar as months and days, out of what was read."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from services.reporting_api.calendar.queries import Entries
from services.reporting_api.calendar.schemas import CalendarDay, CalendarMonth, DueEntry, MeetingEntry
from services.reporting_api.definitions import Definitions
from services.reporting_api.meeting_days import Meeting
from services.reporting_api.occurrences import status_of
from services.reporting_api.words import period_words
from shared.working_days import bank_holiday_names, is_working_day


def months_of(known: Definitions, found: Entries, first: date, last: date) -> list[CalendarMonth]:
    """Every month of the span, each with the days that have something to show."""
    closed = known.days_off()
    due: dict[date, list[Any]] = {}
    for row in found.due:
        due.setdefault(row.due_on, []).append(row)
    meetings: dict[date, list[Meeting]] = {}
    for one in found.meetings:
        meetings.setdefault(one.meets_on, []).append(one)
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [
        _month(known, month, [day for day in days if day in due or day in meetings or _holiday(day, closed)],
               due, meetings, closed)
        for month, days in ((month, list(days)) for month, days in groupby(every, lambda day: f"{day:%Y-%m}"))
    ]  # fmt: skip


def _month(
    known: Definitions,
    month: str,
    days: list[date],
    due: dict[date, list[Any]],
    meetings: dict[date, list[Meeting]],
    closed: AbstractSet[date],
) -> CalendarMonth:
    shown = [
        CalendarDay(
            day=day, weekday=f"{day:%A}", working_day=is_working_day(day, closed), holiday=_holiday(day, closed),
            due=[_due(known, row) for row in due.get(day, ())],
            meetings=[_meeting(known, one) for one in meetings.get(day, ())],
        )
        for day in days
    ]  # fmt: skip
    return CalendarMonth(
        month=month, label=period_words(month), due=sum(len(day.due) for day in shown),
        meetings=sum(one.status != "cancelled" for day in shown for one in day.meetings), days=shown,
    )  # fmt: skip


def _holiday(day: date, closed: AbstractSet[date]) -> str | None:
    if day in closed:
        return "The council is closed"
    return bank_holiday_names(day.year).get(day)


def _due(known: Definitions, row: Any) -> DueEntry:
    return DueEntry(
        occurrence=str(row.id), report=row.report, title=known.title(row.report), period=row.period,
        period_label=period_words(row.period), status=status_of(row), audiences=row.audiences,
        owner_role=row.owner_role, unit=row.unit, meeting_on=row.meeting_on,
    )  # fmt: skip


def _meeting(known: Definitions, one: Meeting) -> MeetingEntry:
    return MeetingEntry(
        board=one.board, name=known.boards[one.board].name, planned_on=one.planned_on, status=one.status,
        starts_at=f"{one.starts_at:%H:%M}" if one.starts_at else None, place=one.place,
    )  # fmt: skip
