"""When a report is due: its periods between two days, and the rule that turns a period into dates. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from shared.schemas.framework.reporting import DueRule, Report
from shared.schemas.periods import FIRST_YEAR, LAST_YEAR, Period, PeriodKind, TermDatesUnknown
from shared.working_days import add_working_days, subtract_working_days

_PARTS = {
    PeriodKind.month: 12,
    PeriodKind.financial_quarter: 4,
    PeriodKind.term: 3,
    PeriodKind.half_term: 6,
}
Terms = Mapping[str, tuple[date, date]]


class NoDates(Exception):
    """The calendar does not reach this period."""


class NoMeeting(NoDates):
    """The board has no meeting after it that leaves the time."""


@dataclass(frozen=True)
class Dates:
    """The days of one occurrence: what it is about, from when it is owed, by when."""

    period: str
    start: date
    end: date
    opens_on: date
    # None while no meeting is known that it could be counted back from.
    due_on: date | None
    # The board's meeting it is counted back from, where its rule says so.
    meeting_on: date | None = None


def periods_ending_between(kind: PeriodKind, first: date, last: date, terms: Terms) -> Iterator[Period]:
    """The periods of a kind whose last day lies between two days; a term without dates counts by its year."""
    for year in range(max(first.year - 1, FIRST_YEAR), min(last.year + 1, LAST_YEAR) + 1):
        for part in range(1, _PARTS[kind] + 1) if kind in _PARTS else (0,):
            period = Period(kind, year, part)
            try:
                end = period.dates(terms)[1]
            except TermDatesUnknown:
                # Roughly where it would end: a calendar that ends early is reported, not passed over.
                month = {PeriodKind.term: (12, 3, 7), PeriodKind.half_term: (10, 12, 2, 3, 5, 7)}[kind][part - 1]
                end = date(year + (month < 9), month, 28)
            if first <= end <= last:
                yield period


def dates_of(
    report: Report, period: Period, terms: Terms, meetings: Sequence[date], days_off: AbstractSet[date]
) -> Dates:
    """The dates of a report for a period by its due rule; raises NoDates where the calendar does not reach it."""
    start, end = _days_of(period, terms)
    opens_on = end + timedelta(days=1)
    try:
        due, meeting = _due(report.due, end, meetings, days_off)
    except NoMeeting:
        return Dates(period.code, start, end, opens_on, None)
    return Dates(period.code, start, end, min(opens_on, due), due, meeting)


def dates_when_asked(
    report: Report, period: Period, asked_on: date, terms: Terms, meetings: Sequence[date], days_off: AbstractSet[date]
) -> Dates:
    """The dates of a periodic or requested report, counted from the day it is asked for; raises NoDates."""
    start, end = _days_of(period, terms)
    due, meeting = _due(report.due, asked_on, meetings, days_off)
    return Dates(period.code, start, end, asked_on, due, meeting)


def papers_due(rule: DueRule, meeting: date, days_off: AbstractSet[date]) -> date:
    """The last day for the papers of a meeting; clear days count neither this day nor that of the meeting."""
    back = rule.days + (rule.rule == "clear_working_days_before_meeting")
    return subtract_working_days(meeting, back, days_off)


def _days_of(period: Period, terms: Terms) -> tuple[date, date]:
    try:
        return period.dates(terms)
    except TermDatesUnknown:
        raise NoDates from None


def _due(rule: DueRule, after: date, meetings: Sequence[date], days_off: AbstractSet[date]) -> tuple[date, date | None]:
    """Counted on from a day, or back from the first meeting that leaves the time: one too soon is passed over."""
    if not rule.before_meeting:
        return add_working_days(after, rule.days, days_off), None
    for meeting in sorted(meetings):
        if meeting > after and (due := papers_due(rule, meeting, days_off)) > after:
            return due, meeting
    raise NoMeeting
