"""The calendar as an iCalendar feed (RFC 5545): the same entries, each under an identity it keeps wherever it moves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event, vText

from services.reporting_api.calendar.queries import Entries
from services.reporting_api.definitions import Definitions
from services.reporting_api.meeting_days import Meeting
from services.reporting_api.occurrences import status_of
from services.reporting_api.words import listed, period_words
from shared.clock import LONDON, local_midnight

_REFRESH = timedelta(hours=6)
_MEETING = timedelta(hours=2)


def feed_of(known: Definitions, found: Entries, board: str | None, today: date) -> bytes:
    """Stamped with the day it is read, so that two readings of one day are the same bytes."""
    feed = Calendar()
    feed.add("prodid", "-//Children's services//Reporting schedule//EN")
    feed.add("version", "2.0")
    name = f"Reports to {known.boards[board].name}" if board else "Reports and meetings"
    # What the library does not know it would write as it stands, and a line break would begin a line of its own.
    feed.add("name", vText(name))
    feed.add("x-wr-calname", vText(name))
    feed.add("refresh-interval", _REFRESH, parameters={"value": "DURATION"})
    # Outlook reads this one.
    feed.add("x-published-ttl", "PT6H")
    stamp = local_midnight(today)
    for one in found.meetings:
        feed.add_component(_meeting(known, one, stamp))
    for row in found.due:
        feed.add_component(_due(known, row, stamp))
    return bytes(feed.to_ical())


def _event(identity: str, summary: str, version: int, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{identity}@reporting")
    event.add("dtstamp", stamp)
    event.add("sequence", version - 1)
    event.add("summary", summary)
    return event


def _meeting(known: Definitions, one: Meeting, stamp: datetime) -> Event:
    name = known.boards[one.board].name
    # Many programs show a cancelled event like any other: its title says it, and nobody's day is taken.
    title = f"Cancelled: {name}" if one.cancelled else name
    event = _event(f"meeting-{one.board}-{one.planned_on}", title, one.version, stamp)
    if one.starts_at is None:
        event.add("dtstart", one.meets_on)
        event.add("dtend", one.meets_on + timedelta(days=1))
    else:
        starts = datetime.combine(one.meets_on, one.starts_at, tzinfo=LONDON).astimezone(stamp.tzinfo)
        event.add("dtstart", starts)
        event.add("dtend", starts + _MEETING)
    if one.place:
        event.add("location", one.place)
    event.add("status", "CANCELLED" if one.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if one.cancelled else "OPAQUE")
    return event


def _due(known: Definitions, row: Any, stamp: datetime) -> Event:
    title = f"{known.title(row.report)}, {period_words(row.period)}"
    event = _event(f"due-{row.id}", f"Due: {title}", row.version, stamp)
    event.add("dtstart", row.due_on)
    event.add("dtend", row.due_on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    boards = [known.boards[code].name for code in row.audiences if code in known.boards]
    event.add("description", f"For {listed(boards)}. {status_of(row).replace('_', ' ').capitalize()}.")
    return event
