"""The named problems of the reconciliation."""

from __future__ import annotations

from shared.problems import BrokenRule


class MonthNotBegun(BrokenRule):
    """A month is compared once it has begun. Check the month."""

    slug, title = "month-not-begun", "The month has not begun"


class DifferenceResolved(BrokenRule):
    """This difference was settled with a reason before. Read the month to see who said what."""

    slug, title = "difference-resolved", "The difference is resolved already"
