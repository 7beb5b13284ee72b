"""Actions on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Id, Label, LocalDate, OutModel, Reference, StrictModel, Text, clean_text

Impact = Literal["positive", "none", "negative", "not_assessable"]
EvidenceKind = Literal["finding", "indicator", "feedback", "research"]
Wanted = Literal["overdue", "open", "completed", "verified", "awaiting_impact", "closed", "cancelled"]
Verdict = Literal["accepted", "sent_back"]
Outcome = Literal["changed", "partly", "not_changed"]
Status = Literal["open", "completed", "verified", "closed", "cancelled"]
Title = Annotated[
    str, StringConstraints(min_length=3, max_length=120, pattern=r"^[^\r\n\t]+$"), AfterValidator(clean_text)
]


class OwnerIn(StrictModel):
    """A role, held by whoever has it for the action's unit, or one account."""

    role: Code | None = Field(default=None, description="a role of the framework")
    subject: Reference | None = Field(default=None, description="a staff account")
    post: Label | None = Field(default=None, description="how reports name the owner")

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        if (self.role is None) == (self.subject is None):
            raise SafeValueError("give the owner's role or account, one of both")
        return self


class EvidenceIn(StrictModel):
    """What an action rests on, or what shows its effect."""

    kind: EvidenceKind
    ref: Reference = Field(description="a finding's id, an indicator's code, a feedback item, a publication")
    note: Label | None = None


Evidence = Annotated[list[EvidenceIn], Field(max_length=40)]


class ActionIn(StrictModel):
    """An action, resting on a finding or on other evidence (R05)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "unit": "fs_weymouth",
                    "title": "Hold reviews within their time limits",
                    "body": "dscb_qa",
                    "owner": {"role": "team_manager", "post": "Family Support Manager, Weymouth"},
                    "due_on": "2027-01-29",
                    "evidence": [{"kind": "indicator", "ref": "protection_reviews_in_time"}],
                }
            ]
        }
    )

    finding: Id | None = Field(default=None, description="the finding of a submitted audit")
    follow_up_of: Id | None = Field(
        default=None, description="the action, closed without a good effect, that this one follows"
    )
    unit: Code | None = Field(default=None, description="the audited unit where a finding is given")
    title: Title
    text: Text | None = None
    body: Code | None = Field(default=None, description="the body that watches it, as dscb_qa")
    owner: OwnerIn
    due_on: LocalDate
    raised_on: LocalDate | None = Field(
        default=None, description="when it was raised elsewhere, if before today; needs the scope audit:manage"
    )
    evidence: Evidence = []

    @model_validator(mode="after")
    def _rests_on_something(self) -> Self:
        if self.finding is None and self.unit is None:
            raise SafeValueError("name the unit")
        if self.finding is None and not self.evidence:
            raise SafeValueError("an action rests on a finding or on other evidence")
        return self


class OwnerOut(OutModel):
    role: str | None
    subject: str | None
    post: str | None


class PastOwnerOut(OwnerOut):
    """Who had the action before, and why it was given to another."""

    reason: str
    changed_by: str
    changed_at: datetime


class NoteOut(OutModel):
    text: str
    written_by: str
    written_at: datetime


class VerificationOut(OutModel):
    """What another person made of a completion."""

    verdict: Verdict
    reason: str | None
    completed_on: date
    completed_by: str
    verified_by: str
    verified_at: datetime


class ReAuditLine(OutModel):
    """A later audit that looked at it again, and what it showed."""

    id: str
    audit: str
    outcome: Outcome
    note: str | None


class EvidenceOut(OutModel):
    kind: str
    ref: str
    note: str | None


class DueDateOut(OutModel):
    due_on: date
    reason: str | None
    set_by: str
    set_at: datetime


class ActionRow(OutModel):
    """An action as a line of a list."""

    id: str
    finding: str | None
    unit: str
    title: str
    body: str | None
    owner: OwnerOut
    status: Status
    raised_on: date
    original_due_on: date
    due_on: date
    times_redated: int
    overdue: bool = Field(description="open past its due date or past its original one")
    days_overdue: int = Field(description="past the present due date, up to completion; 0 if not past it")
    days_overdue_originally: int = Field(description="past the original due date, whatever was agreed since")
    completed_on: date | None
    verified_on: date | None
    review_on: date | None = Field(description="awaiting its impact until then")
    review_overdue: bool = Field(description="the day on which its impact was to be looked at has passed")
    impact: Impact | None
    closed_on: date | None
    follow_up_of: str | None
    follow_up_needed: bool = Field(description="closed without a good effect, and no other action follows it")
    version: int


class ActionOut(ActionRow):
    """One action with its history."""

    text: str | None
    due_dates: list[DueDateOut]
    evidence: list[EvidenceOut]
    completed_by: str | None
    completion_note: str | None
    impact_evidence: list[EvidenceOut]
    impact_note: str | None
    raised_by: str
    closed_by: str | None
    verified_by: str | None
    cancelled_on: date | None
    cancelled_by: str | None = Field(description="the approver")
    cancellation_reason: str | None
    past_owners: list[PastOwnerOut]
    notes: list[NoteOut]
    verifications: list[VerificationOut]
    re_audits: list[ReAuditLine] = Field(description="later audits that looked whether it changed practice")
    follow_ups: list[str] = Field(description="actions that follow this one")
    allowed_actions: list[str]


class OverdueLine(OutModel):
    """What one body waits for."""

    body: str | None = Field(description="null where no body watches them")
    overdue: int = Field(description="open past the original or present due date")
    redated_past_today: int = Field(description="of these, those whose present date is still to come")
    oldest: str = Field(description="the action that is overdue longest")
    oldest_due_on: date
    days_overdue: int = Field(description="of the oldest")


class OverdueOut(OutModel):
    """Overdue actions by the body that watches them, the longest waiting first."""

    as_at: date
    overdue: int
    bodies: list[OverdueLine]
