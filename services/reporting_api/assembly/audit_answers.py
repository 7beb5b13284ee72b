"""What the audit service answers beside its analysis, as far as a report needs it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from services.reporting_api.assembly.evidence import Lenient


class QuarterRow(Lenient):
    quarter: str
    cases: int
    cases_so_far: int


class Commitment(Lenient):
    """How far a year's promise has come."""

    code: str
    title: str
    year: str
    target: int | None = None
    completed: int
    scheduled: int
    expected_by_now: int | None = None
    forecast: int
    rag: str | None = None
    quarters: list[QuarterRow]


class LoopClosure(Lenient):
    """Of the audits of a period, those whose loop is closed."""

    submitted: int
    with_learning: int
    loop_closed: int


class BodyRow(Lenient):
    body: str | None = None
    overdue: int
    redated_past_today: int
    oldest_due_on: date
    days_overdue: int


class OverdueByBody(Lenient):
    bodies: list[BodyRow]


class ThemeAnswer(Lenient):
    response: str


class RecurrenceRow(Lenient):
    rule: str
    kind: Literal["concern", "good_practice"]
    theme: str
    theme_name: str
    scope: str
    unit: str
    unit_name: str
    audits: int
    sentence: str
    answered: ThemeAnswer | None = None
    grown_since_answered: bool = False


class Recurrences(Lenient):
    concerns: int
    unanswered: int
    items: list[RecurrenceRow]


class LearningRow(Lenient):
    unit: str
    title: str
    kind: Literal["new", "confirms_known"]
    visibility: Literal["team", "service", "organisation", "partnership"]
    disseminated_on: date | None = None
    trainings: int = 0


class LearningRows(Lenient):
    items: list[LearningRow]
    next: str | None = None


class TrainingLine(Lenient):
    source: str
    learning: int
    in_training: int


class TrainingCoverage(Lenient):
    lines: list[TrainingLine]


class ToolRow(Lenient):
    code: str
    audit_types: list[str]


class ToolRows(Lenient):
    items: list[ToolRow]
