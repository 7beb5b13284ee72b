"""What a reason for lateness is refused for."""

from __future__ import annotations

from shared.problems import BrokenRule


class NeverLate(BrokenRule):
    """A report that came on time, or was withdrawn, has no lateness to explain."""

    slug, title = "never-late", "The report is not and will not be late"
