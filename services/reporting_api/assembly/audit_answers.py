"""What the audit service answers beside its analysis, as far as a report needs it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from services.reporting_api.assembly.evidence import Lenient
from shared.schemas.base import Count


class QuarterRow(Lenient):
    quarter: str
    cases: Count
    cases_so_far: Count


class Commitment(Lenient):
    """How far a year's promise has come."""

    code: str
    title: str
    year: str
    target: Count | None = None
    completed: Count
    scheduled: Count
    expected_by_now: Count | None = None
    forecast: Count
    rag: str | None = None
    quarters: list[QuarterRow]


class LoopClosure(Lenient):
    """Of the audits of a period, those whose loop is closed."""

    submitted: Count
    with_learning: Count
    loop_closed: Count


class BodyRow(Lenient):
    body: str | None = None
    overdue: Count
    redated_past_today: Count
    oldest_due_on: date
    days_overdue: Count


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
    audits: Count
    sentence: str
    answered: ThemeAnswer | None = None
    grown_since_answered: bool = False


class Recurrences(Lenient):
    concerns: Count
    unanswered: Count
    items: list[RecurrenceRow]


class LearningRow(Lenient):
    unit: str
    title: str
    kind: Literal["new", "confirms_known"]
    visibility: Literal["team", "service", "organisation", "partnership"]
    disseminated_on: date | None = None
    trainings: Count = 0


class LearningRows(Lenient):
    items: list[LearningRow]
    next: str | None = None


class TrainingLine(Lenient):
    source: str
    learning: Count
    in_training: Count


class TrainingCoverage(Lenient):
    lines: list[TrainingLine]


class ToolRow(Lenient):
    code: str
    audit_types: list[str]


class ToolRows(Lenient):
    items: list[ToolRow]
