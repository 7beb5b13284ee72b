"""The problems of recurring themes."""

from __future__ import annotations

from shared.problems import BrokenRule


class ThemeDoesNotRecur(BrokenRule):
    """Only an alert that the rules give at present is answered: read the recurrences of the period."""

    slug, title = "theme-does-not-recur", "The theme does not recur there in that period"
