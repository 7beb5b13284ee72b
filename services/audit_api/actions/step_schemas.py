"""The steps of an action's life on the wire."""

from __future__ import annotations

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from services.audit_api.actions.schemas import Evidence, Impact, OwnerIn, Verdict
from shared.faults import SafeValueError
from shared.schemas.base import LocalDate, StrictModel, Text


class DueDateEdit(StrictModel):
    """Another due date, with the reason; the first one stays the measure of being overdue (R42)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"due_on": "2027-02-26", "reason": "The training day was moved."}]}
    )

    due_on: LocalDate
    reason: Text


class CompletionIn(StrictModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Every review since May was held in time."}]})

    note: Text | None = None


class ActionClosureIn(StrictModel):
    """The difference the action made and what shows it, or the day on which that will be looked at."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"impact": "positive", "evidence": [{"kind": "indicator", "ref": "protection_reviews_in_time"}]},
                {"review_on": "2027-06-30"},
            ]
        }
    )

    impact: Impact | None = None
    evidence: Evidence = []
    note: Text | None = Field(default=None, description="why it cannot be assessed, where it cannot")
    review_on: LocalDate | None = Field(default=None, description="when the impact will be looked at")

    @model_validator(mode="after")
    def _known_or_awaited(self) -> Self:
        if self.impact is not None and self.review_on is not None:
            raise SafeValueError("give the impact, or the day it will be looked at, not both")
        return self


class VerificationIn(StrictModel):
    """Another person than who completed it accepts that it is done, or sends it back with a reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"verdict": "accepted"},
                {"verdict": "sent_back", "reason": "Two reviews of October are still without a date."},
            ]
        }
    )

    verdict: Verdict
    reason: Text | None = Field(default=None, description="required where it is sent back")

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.verdict == "sent_back" and self.reason is None:
            raise SafeValueError("say why it is sent back")
        return self


class CancellationIn(StrictModel):
    """Why it need not be done; the caller is the approver and not its owner."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The team was merged; see its new plan."}]})

    reason: Text


class OwnerEdit(StrictModel):
    """Another owner, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"owner": {"role": "head_of_service"}, "reason": "It needs agreement across teams."},
            ]
        }
    )

    owner: OwnerIn
    reason: Text


class NoteIn(StrictModel):
    """How it is coming along."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Half of the reviews now have a date."}]})

    text: Text
