"""The named problems that more than one slice of the feedback service meets."""

from __future__ import annotations

from shared.problems import BrokenRule


class TokenNotUsable(BrokenRule):
    """The token is unknown, used already, withdrawn or too old, and the answer is the same for each: a guess must learn
    nothing. Whoever has just sent their words may trust that they have arrived; else ask for a new token."""

    slug, title = "token-not-usable", "This token cannot be used"
