"""What closes, re-opens, hands over and withdraws an audit, and its history and editions as they go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field

from services.audit_api.audits.rendering import AuditContentOut, Grades
from shared.schemas.base import Code, OutModel, Reference, StrictModel, Text


class AuditClosureIn(StrictModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    note: Text | None = Field(default=None, description="for the history")


class ReopeningIn(StrictModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The plan was read in the wrong edition; two grades are wrong."}]}
    )

    reason: Text


class AuditWithdrawalIn(StrictModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The case moved to another council before it was read."}]}
    )

    reason: Text


class ReallocationIn(StrictModel):
    """Another auditor, as independent as the first had to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"auditor": "auditor-7", "auditor_unit": "safeguarding_and_standards", "reason": "Long absence."}
            ]
        }
    )

    auditor: Reference = Field(description="the account of the new auditor")
    auditor_unit: Code | None = Field(default=None, description="required where the auditor is not the caller")
    reason: Text


class StepOut(OutModel):
    """What brought the audit to one of its versions."""

    version: int
    kind: str
    by: str
    at: datetime
    reason: str | None
    changed_questions: list[str]
    changed_parts: list[str]
    data: dict[str, str | int | None] = Field(description="codes: the edition, the auditors, whose view")


class HistoryOut(OutModel):
    audit: str
    items: list[StepOut]


class VersionRow(OutModel):
    """One submission of the audit; the newest counts in figures, and earlier ones are kept as they were."""

    number: int
    state: Literal["counts", "superseded"]
    submitted_on: date
    submitted_at: datetime
    submitted_by: str
    grades: Grades
    superseded_at: datetime | None = None
    reopened_by: str | None = Field(default=None, description="who opened it for correction")
    reopened_at: datetime | None = None
    reopened_why: str | None = None


class VersionsOut(OutModel):
    audit: str
    items: list[VersionRow] = Field(description="the oldest first; none before the first submission")


class AuditVersionOut(VersionRow, AuditContentOut):
    """One submission, whole."""

    audit: str
