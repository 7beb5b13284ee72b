"""The named problems of charts."""

from __future__ import annotations

from shared.problems import BrokenRule


class ChartNotPossible(BrokenRule):
    """This kind of chart cannot be drawn of these figures; `ask_for` names one that can."""

    slug, title = "chart-not-possible", "This kind of chart cannot be drawn of these figures"

    def __init__(self, detail: str, ask_for: str) -> None:
        super().__init__(detail, ask_for=ask_for)
