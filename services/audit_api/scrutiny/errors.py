"""The problems of external scrutiny."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class ReviewKnown(BrokenRule):
    """A review is recorded once: read the one that has this reference, or correct the reference."""

    slug, title = "review-known", "A review with this reference is recorded already"


class RecommendationEnded(BrokenRule):
    """A recommendation that was carried out or declined stays as it is: record another if there is more to do."""

    slug, title = "recommendation-ended", "The recommendation has ended"


class MilestoneReached(BrokenRule):
    """A milestone that was reached keeps its day: read the recommendation to see where it stands."""

    slug, title = "milestone-reached", "The milestone has been reached already"


class MilestonesLeft(BrokenRule):
    """A recommendation is carried out once each milestone is reached: record the day of each, or decline it."""

    slug, title = "milestones-left", "Some milestones have not been reached"


class NotTheirsToCarryOut(Forbidden):
    """A recommendation is moved on by its owner, or by one who manages audits: ask either."""

    slug, title = "not-theirs-to-carry-out", "The recommendation belongs to another owner"
