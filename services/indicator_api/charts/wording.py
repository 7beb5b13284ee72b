"""What a chart says in words: where the latest figure is, where it is going, and what that means."""

from __future__ import annotations

from collections.abc import Sequence

from services.indicator_api.charts.figures import Answer, Line, Point
from services.indicator_api.charts.scales import period_text
from services.indicator_api.days import in_words
from services.indicator_api.series.wording import said
from shared.schemas.periods import PeriodKind

RULES = {
    "outside_limits": "outside the limits",
    "trend": "six moves the same way in a row",
    "two_in_three": "two of three near a limit",
    "shift": "seven in a row on one side of the mean",
}
LABELS = {
    "common_cause": "common cause",
    "special_cause_improvement": "special cause, improvement",
    "special_cause_concern": "special cause, concern",
    "special_cause_neutral_high": "special cause, high",
    "special_cause_neutral_low": "special cause, low",
}
ASSURANCE = {
    "consistent_pass": "As things stand the target will be met every time.",
    "consistent_fail": "As things stand the target will not be met.",
    "inconsistent": "As things stand the target will be met at times and missed at others, by chance.",
}


_YEARS = {
    PeriodKind.reporting_year: "years to 31 March ",
    PeriodKind.financial_year: "financial years ",
    PeriodKind.academic_year: "school years ",
    PeriodKind.calendar_year: "",
}


def span_of(points: Sequence[Point]) -> str:
    """`April 2019 to March 2022`, `years to 31 March 2020 to 2025`."""
    first, last = points[0].period, points[-1].period
    if first == last:
        return in_words(first)
    if first.kind in _YEARS:
        return f"{_YEARS[first.kind]}{period_text(first)} to {period_text(last)}"
    return f"{in_words(first)} to {in_words(last)}"


def latest_words(answer: Answer, line: Line) -> str:
    """`The latest, for March 2022, is 288.` and how it moved."""
    latest = line.latest
    if latest is None:
        return "No figure can be shown."
    assert latest.value is not None
    found = f"The latest figure, for {in_words(latest.period)}, is {said(answer.definition, latest.value)}"
    course = line.since_break()
    if len(course) < 2:
        return f"{found}."
    previous = course[-2]
    assert previous.value is not None
    moved = "up from" if latest.value > previous.value else "down from" if latest.value < previous.value else "as"
    if moved == "as":
        return f"{found}, the same as for {in_words(previous.period)}."
    return f"{found}, {moved} {previous.display} for {in_words(previous.period)}."


def label_words(point: Point) -> str:
    """`special cause, concern: outside the limits`; nothing for a point that is not judged."""
    if point.label is None:
        return ""
    rules = "; ".join(RULES[rule] for rule in point.rules)
    return f"{LABELS[point.label]}: {rules}" if rules else LABELS[point.label]


def remarks(point: Point) -> str:
    """Whether a figure may still change, or did, or may be a part of the whole."""
    part = point.value is not None and bool(point.missing)
    summed = f"from {counted(point.units or 0, 'unit', 'units')}, {point.missing} missing"
    said_if = (("provisional", point.provisional), ("revised", point.revised), (summed, part))
    return ", ".join(words for words, stands in said_if if stands)


def counted(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {many}"
