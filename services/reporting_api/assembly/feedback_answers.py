"""What the feedback service answers beside its summary, as far as a report needs it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from services.reporting_api.assembly.evidence import Lenient
from shared.schemas.base import Count


class ChallengeRow(Lenient):
    id: str
    raised_by_body: str
    raised_on: date
    unit: str
    question: str
    area_for_development: str | None = None
    first_response_due: date
    response_due: date
    overdue: bool
    status: Literal["open", "answered", "sent_back", "closed"]
    development_action: str | None = None


class ChallengeRows(Lenient):
    items: list[ChallengeRow]
    next: str | None = None


class OwedBy(Lenient):
    """Learning that one unit owes; who is named for it is not taken: an account is nobody's business here."""

    unit: str
    title: str
    count: Count


class UnitNamed(Lenient):
    unit: str
    title: str


class Approved(Lenient):
    text: str


class ReportLearning(Lenient):
    complete: Count
    missing: Count
    missing_by_owner: list[OwedBy]
    approved: list[Approved]
    updates: list[UnitNamed]
    updates_missing: list[UnitNamed]


class RemediesTold(Lenient):
    promised: Count
    done_in_time: Count
    done_late: Count
    overdue: Count


class ComplaintsReportTold(Lenient):
    """The complaints report of a quarter or year as the feedback service produced it (R60)."""

    period: str
    edition: Count
    produced_at: datetime
    on_time: bool | None = None
    remedies: RemediesTold
    learning: ReportLearning


class MethodDiversity(Lenient):
    """In how many different ways each team involved children and families (R10)."""

    single: list[str]
    none: list[str]
    not_told: Count
    as_at: datetime


class StrategyCommitment(Lenient):
    code: str
    title: str
    due_on: date


class StrategyOverview(Lenient):
    """How far the participation strategy has come (R12)."""

    commitments: Count
    statuses: dict[str, Count]
    overdue: list[StrategyCommitment]
    as_at: datetime


class DutyGroup(Lenient):
    respondent_group: str
    status: Literal["done", "open", "planned", "missing"]


class Duty(Lenient):
    duty: str
    title: str
    unit: str
    due_on: date
    groups: list[DutyGroup]
    overdue: bool


class Duties(Lenient):
    year: str
    items: list[Duty]


class SurveyFigure(Lenient):
    """Favourable answers to one question of a wave; `c` without numbers where it would tell of few people."""

    indicator: str
    area: str
    numerator: Count | None = None
    denominator: Count | None = None
    value_status: str | None = None
    source_ref: str


class SurveyFigures(Lenient):
    items: list[SurveyFigure]
