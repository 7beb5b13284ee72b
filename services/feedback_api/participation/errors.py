"""The named problems of participation."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class ActivityWithdrawn(BrokenRule):
    """An activity that was withdrawn stays as it is and counts nowhere: record another."""

    slug, title = "activity-withdrawn", "The activity was withdrawn"


class NobodyToSayAnything(BrokenRule):
    """Where nobody took part nobody said anything: correct the activity first, or record the words as a view."""

    slug, title = "nobody-took-part", "Nobody took part in this activity"


class NotTheirsToChange(Forbidden):
    """Whoever recorded it may change it, and those with the scope feedback:manage: ask either."""

    slug, title = "not-theirs-to-change", "Another caller recorded it"


class OwnWords(Forbidden):
    """Words are approved for sharing by somebody else than wrote them last: ask a colleague who may."""

    slug, title = "own-words", "The words are this caller's own"


class ReadsLikeHarm(BrokenRule):
    """Words that may speak of harm are not shared: have them looked at first, then write them anew without it."""

    slug, title = "reads-like-harm", "The words may speak of harm"
