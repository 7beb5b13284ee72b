"""The wire of what follows a complaint: the ombudsman's enquiries, remedies and recommendations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.base import Code, Id, LocalDate, OutModel, Reference, StrictModel, Text

Decision = Literal[
    "upheld", "not_upheld", "upheld_no_further_action", "closed_after_initial_enquiries", "not_for_us",
    "referred_back", "withdrawn",
]  # fmt: skip
RemedyKind = Literal["apology", "payment", "service_change", "reassessment", "review_of_decision", "training", "other"]
Pence = Annotated[int, Field(ge=1, le=100_000_000)]
EnquiryStatus = Literal["to_answer", "answered", "decided"]
RemedyStatus = Literal["promised", "done", "withdrawn"]
RecommendationStatus = Literal["to_answer", "accepted", "rejected", "done"]


def _example(**fields: Any) -> Any:
    return StrictModel.model_config | {"json_schema_extra": {"examples": [fields]}}


class _EnquiryFields(StrictModel):
    response_due_on: LocalDate | None = None
    response_sent_on: LocalDate | None = None
    decision: Decision | None = None
    decided_on: LocalDate | None = Field(default=None, description="stands with the decision")
    fault_found: bool | None = None
    injustice_found: bool | None = None
    summary: Text | None = Field(default=None, description="what was asked and decided, without names")
    owner: Reference | None = Field(default=None, description="the staff account that answers")


class EnquiryIn(_EnquiryFields):
    """What the ombudsman asks about a complaint."""

    model_config = _example(
        reference="LGSCO 26 001 234", received_on="2026-10-26", response_due_on="2026-11-23", owner="complaints-1"
    )

    reference: Reference = Field(description="the ombudsman's")
    received_on: LocalDate


class EnquiryEdit(_EnquiryFields):
    """Only the fields given are changed, null empties one."""

    model_config = _example(
        response_sent_on="2026-11-16", decision="closed_after_initial_enquiries", decided_on="2026-11-20"
    )

    reason: Text | None = Field(default=None, description="why it is changed; kept in its history")


class _Origin(StrictModel):
    stage: Code | None = Field(default=None, description="the stage of the complaint it comes from")
    enquiry_id: Id | None = Field(default=None, description="the ombudsman's enquiry it comes from")


class RemedyIn(_Origin):
    """What is promised to put things right."""

    model_config = _example(
        kind="payment", from_source="stage", stage="stage_1", amount_pence=15_000, owner="head-1",
        description="For the time and trouble of a lost assessment.", promised_on="2026-10-20", due_on="2026-11-20",
    )  # fmt: skip

    kind: RemedyKind
    from_source: Literal["stage", "ombudsman", "agreed"]
    amount_pence: Pence | None = Field(default=None, description="of a payment, and of nothing else")
    description: Text
    owner: Reference = Field(description="the staff account that owes it")
    promised_on: LocalDate
    due_on: LocalDate
    done_on: LocalDate | None = None
    evidence: Text | None = Field(default=None, description="needed once it is done: where it can be seen")


class RemedyEdit(StrictModel):
    """Only the fields given are changed; what has been promised is not taken back, only withdrawn with a reason."""

    model_config = _example(done_on="2026-11-18", evidence="Payment run 2026-47.")

    description: Text | None = None
    owner: Reference | None = None
    due_on: LocalDate | None = None
    done_on: LocalDate | None = None
    evidence: Text | None = None
    withdrawn_because: Text | None = None
    reason: Text | None = Field(default=None, description="why it is changed; needed to move due_on")


class RecommendationIn(_Origin):
    """What an investigation, a panel or the ombudsman recommends."""

    model_config = _example(
        from_source="stage", stage="stage_1", made_on="2026-10-20", words="Tell families before a worker changes."
    )

    from_source: Literal["stage", "ombudsman"]
    made_on: LocalDate
    words: Text
    answer: Literal["accepted", "rejected"] | None = None
    answered_on: LocalDate | None = Field(default=None, description="stands with the answer")
    answer_reason: Text | None = Field(default=None, description="needed for a rejection")
    owner: Reference | None = Field(default=None, description="needed once it is accepted")
    due_on: LocalDate | None = Field(default=None, description="needed once it is accepted")
    done_on: LocalDate | None = None
    evidence: Text | None = Field(default=None, description="needed once it is done: where it can be seen")


class RecommendationEdit(StrictModel):
    """Only the fields given are changed, null empties one."""

    model_config = _example(answer="accepted", answered_on="2026-11-02", owner="head-1", due_on="2027-01-29")

    answer: Literal["accepted", "rejected"] | None = None
    answered_on: LocalDate | None = None
    answer_reason: Text | None = None
    owner: Reference | None = None
    due_on: LocalDate | None = None
    done_on: LocalDate | None = None
    evidence: Text | None = None
    reason: Text | None = Field(default=None, description="why it is changed; needed to move due_on")


class _FollowedOut(OutModel):
    id: UUID
    respond_ref: str = Field(description="of the complaint it follows, after any merge")
    unit: str
    overdue: bool
    owner: str | None
    version: int
    recorded_at: datetime
    changed_at: datetime
    allowed_actions: list[str]


class EnquiryOut(_FollowedOut):
    reference: str
    status: EnquiryStatus
    received_on: date
    response_due_on: date | None
    response_sent_on: date | None
    decision: Decision | None
    decided_on: date | None
    fault_found: bool | None
    injustice_found: bool | None
    summary: str | None


class RemedyOut(_FollowedOut):
    kind: RemedyKind
    status: RemedyStatus
    from_source: Literal["stage", "ombudsman", "agreed"]
    stage: str | None
    enquiry_id: UUID | None
    amount_pence: int | None
    description: str
    promised_on: date
    due_on: date
    done_on: date | None
    evidence: str | None
    withdrawn_because: str | None


class RecommendationOut(_FollowedOut):
    status: RecommendationStatus
    from_source: Literal["stage", "ombudsman"]
    stage: str | None
    enquiry_id: UUID | None
    made_on: date
    words: str
    answer: Literal["accepted", "rejected"] | None
    answered_on: date | None
    answer_reason: str | None
    due_on: date | None
    done_on: date | None
    evidence: str | None
