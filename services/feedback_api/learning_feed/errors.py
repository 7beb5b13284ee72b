"""The named problems of shared learning."""

from __future__ import annotations

from shared.problems import BrokenRule


class LearningReferenceInUse(BrokenRule):
    """This agency has shared other learning under this reference. Withdraw that, or use a new reference."""

    slug, title = "learning-reference-in-use", "The reference belongs to other learning"


class LearningWithdrawn(BrokenRule):
    """What was withdrawn is no longer shared and cannot be evaluated. Read the feed for what is."""

    slug, title = "shared-learning-withdrawn", "The shared learning was withdrawn"
