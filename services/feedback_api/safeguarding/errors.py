"""The named problems of the duty queue."""

from __future__ import annotations

from shared.problems import BrokenRule


class FlagDecided(BrokenRule):
    """Somebody has recorded the outcome of this flag. Read it; open it again where more is to be done."""

    slug, title = "flag-decided", "The outcome of this flag has been recorded"


class FlagNotDecided(BrokenRule):
    """Only a flag whose outcome was recorded can be opened again; this one is still in the queue."""

    slug, title = "flag-not-decided", "This flag is still in the queue"
