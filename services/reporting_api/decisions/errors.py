"""What decisions refuse."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class ReportNotPublished(BrokenRule):
    """A board decides on what it was sent: publish the report first."""

    slug, title = "report-not-published", "The report has not been published"


class DecisionEnded(BrokenRule):
    """It is done or cancelled: an update that says `"status": "open"` opens it again."""

    slug, title = "decision-ended", "The decision is no longer open"


class NotTheClerk(Forbidden):
    """Whoever sees to a decision says how it goes; that it is done, cancelled or due later takes reporting:clerk."""

    slug, title = "not-the-clerk", "Only whoever keeps the board's decisions may change how this one stands"
