"""Commitments on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel

Rag = Literal["green", "amber", "red", "not_started"]


class QuarterOut(OutModel):
    quarter: str
    cases: int = Field(description="cases whose first audit of the year counts for this quarter")
    cases_so_far: int = Field(description="cases of the year up to the end of this quarter")


class CountedAuditOut(OutModel):
    """An audit that counts; audits of one case have the same `case`, which is a number within this answer only."""

    id: str
    case: int
    first_of_case: bool = Field(description="whether the case is counted by this audit")
    case_reference: str | None = Field(description="for callers who manage audits; null for all others")
    unit: str
    audit_type: str
    counts_on: date
    quarter: str


class CommitmentRow(OutModel):
    """A commitment as the applied framework has it."""

    code: str
    title: str
    cases_a_year: int
    audit_types: list[str]


class CommitmentOut(OutModel):
    """How far a year's commitment has come, in cases and not in audits (R23)."""

    code: str
    title: str
    year: str
    starts_on: date
    ends_on: date
    audit_types: list[str] = Field(description="audits of these types count, whoever audits and in whatever programme")
    unit: str | None = Field(description="the caller's part of the council, of which these are the figures; null: all")
    target: int | None = Field(description="cases to be audited in the year; null for a part of the council")
    completed: int = Field(description="different cases with a submitted audit; audited twice, a case counts once")
    audits: int = Field(description="submitted audits of those cases")
    scheduled: int = Field(description="further cases whose audit is allocated and counts for the year")
    expected_by_now: int | None = Field(description="what the target asks for up to today, spread evenly over the year")
    forecast: int = Field(description="cases expected by the year's end")
    forecast_method: str
    rag: Rag | None
    rag_rule: str
    quarters: list[QuarterOut]
    counted: list[CountedAuditOut] = Field(description="the audits within reach that count, in order of their days")
    as_at: datetime
