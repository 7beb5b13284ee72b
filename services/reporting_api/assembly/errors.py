"""What an assembly refuses."""

from __future__ import annotations

from shared.problems import BrokenRule


class NotYetOwed(BrokenRule):
    """Wait until the period is over; `opens_on` of the occurrence says when."""

    slug, title = "period-not-over", "The period of this report is not over"


class AwaitsMeeting(BrokenRule):
    """It is counted back from a meeting of a board: record the next one, and it is due."""

    slug, title = "awaits-meeting", "No meeting is known that this report would be for"


class NoLongerDraft(BrokenRule):
    """Reopen the report to change it, or supersede it where it is published."""

    slug, title = "report-no-longer-draft", "The report has been submitted and is no longer assembled"


class OccurrenceWithdrawn(BrokenRule):
    """The report left the schedule before it was due; apply a framework that has it to bring it back: one without a
    draft comes back only until its day.
    """

    slug, title = "occurrence-withdrawn", "This occurrence was withdrawn"
