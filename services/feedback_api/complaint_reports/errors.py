"""The named problems of the complaints reports."""

from __future__ import annotations

from shared.problems import BrokenRule, NotFound


class ReportNotProduced(NotFound):
    """There is no such edition of the report of this period. It is produced by itself on the day after the period ends;
    list the editions to see which there are.
    """

    slug, title = "report-not-produced", "This report has not been produced"


class PeriodNotOver(BrokenRule):
    """A report is produced when its period is over. Wait for the day after it, or read the summary meanwhile."""

    slug, title = "period-not-over", "The period of the report is not over"
