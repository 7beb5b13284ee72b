"""Statutory assessments and their checkpoints on the wire (R40)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from services.audit_api.cases import CaseReference
from shared.faults import SafeValueError
from shared.schemas.base import Code, LocalDate, OutModel, Reference, StrictModel, Text

Checkpoint = Literal["manager_sign_off", "panel"]
Outcome = Literal["agreed", "returned"]
Missing = Literal["either", "both", "manager_sign_off", "panel"]
# Why it goes back, by what a plan must hold: advice, views, needs, outcomes, provision.
Returned = Literal[
    "advice_missing", "views_missing", "needs_not_described", "outcomes_not_specific", "provision_not_specified",
    "out_of_time", "other",
]  # fmt: skip


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class AssessmentIn(StrictModel):
    """A statutory assessment of special educational needs, by its pseudonymous reference."""

    model_config = StrictModel.model_config | _example(
        reference="SEN-2026-0417", unit="sen_team", started_on="2026-09-07"
    )

    reference: CaseReference = Field(description="pseudonymous, as the case system has it")
    unit: Code = Field(description="the team that carries it out")
    started_on: LocalDate


class CheckpointIn(StrictModel):
    """One look at it: agreed, or returned with reasons."""

    model_config = StrictModel.model_config | _example(
        checkpoint="manager_sign_off", outcome="returned", reasons=["provision_not_specified"], held_on="2026-11-20"
    )

    checkpoint: Checkpoint
    outcome: Outcome
    reasons: Annotated[list[Returned], Field(max_length=7)] = []
    note: Text | None = Field(default=None, description="required with the reason other")
    held_on: LocalDate
    signed_by: Reference | None = Field(
        default=None, description="the account that signed, if not the caller; naming another needs audit:manage"
    )

    @model_validator(mode="after")
    def _reasons_of_a_return(self) -> Self:
        if (self.outcome == "returned") != bool(self.reasons):
            raise SafeValueError("an assessment is returned with reasons, and agreed without")
        if len(set(self.reasons)) < len(self.reasons):
            raise SafeValueError("a reason stands twice; give each once")
        if "other" in self.reasons and self.note is None:
            raise SafeValueError("say in note what the other reason is")
        return self


class EndIn(StrictModel):
    """That it ended without a plan to check."""

    model_config = StrictModel.model_config | _example(ended_on="2026-11-18", reason="The request was withdrawn.")

    ended_on: LocalDate
    reason: Text


class LookOut(OutModel):
    checkpoint: Checkpoint
    outcome: Outcome
    reasons: list[Returned]
    note: str | None
    held_on: date
    signed_by: str
    recorded_by: str
    recorded_at: datetime


class AssessmentRow(OutModel):
    """An assessment and how it stands at each checkpoint."""

    id: UUID
    reference: str
    unit: str
    started_on: date
    manager_sign_off: Outcome | None = Field(description="the latest outcome; null where there was none")
    panel: Outcome | None
    missing: list[Checkpoint] = Field(description="checkpoints it has not passed; none once it has ended")
    ended_on: date | None
    version: int


class AssessmentOut(AssessmentRow):
    """One assessment with every look at it."""

    looks: list[LookOut]
    ended_reason: str | None
    recorded_by: str
    allowed_actions: list[str]


class Share(OutModel):
    """So many of the assessments, and the percentage; null where there were none."""

    count: int
    percent: float | None


class CheckpointSummary(OutModel):
    """The assessments begun in a period and how they stand at the two checkpoints."""

    assessments: int = Field(description="begun in the period, those that ended without a plan left out")
    ended: int
    signed_off: Share
    panel_agreed: Share
    both: Share
    both_at_first: Share = Field(description="passed both without ever having been returned")
    returned: Share
    returns: dict[Checkpoint, int] = Field(description="times an assessment was returned, by checkpoint")
    reasons: dict[Returned, int] = Field(description="how often each reason was given")


class UnitSummary(CheckpointSummary):
    unit: str


class SummaryOut(CheckpointSummary):
    """All teams together and each by itself, one that began none in the period too (R40)."""

    period: str
    units: list[UnitSummary]
