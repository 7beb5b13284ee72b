"""What the schedule refuses."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class OnTheCalendar(BrokenRule):
    """This report comes by the calendar; ask for its occurrences with `POST /v1/schedule/materialisations`."""

    slug, title = "report-on-the-calendar", "This report is not made on request"


class PeriodWithoutDates(BrokenRule):
    """Add the dates of the term, or of the board's next meeting, to the framework and apply it."""

    slug, title = "period-without-dates", "The calendar has no dates for this period"


class ReportNotInForce(BrokenRule):
    """The report is retired, or not in force for that period; its definition in the framework says from when."""

    slug, title = "report-not-in-force", "The report is not in force for this period"


class SpanTooLong(Malformed):
    """Give a `from` before `to`, at most eleven years apart, between 2000 and 2099."""

    slug, title = "span-too-long", "The span of days cannot be used"
