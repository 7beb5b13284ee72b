"""The tables of what follows a complaint: the ombudsman's enquiries, remedies and recommendations."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, History, Table, text
from shared.ids import new_id

DECISIONS = (
    "('upheld','not_upheld','upheld_no_further_action','closed_after_initial_enquiries','not_for_us',"
    "'referred_back','withdrawn')"
)
REMEDIES = "('apology','payment','service_change','reassessment','review_of_decision','training','other')"


class Followed(Table):
    """What an enquiry, a remedy and a recommendation share."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    version: int
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)


class OmbudsmanEnquiry(Followed, table=True):
    """What the ombudsman asked about a complaint, and what it decided."""

    __tablename__ = "ombudsman_enquiry"
    __table_args__ = (
        sa.UniqueConstraint("reference"),
        sa.CheckConstraint(f"decision IN {DECISIONS}", name="decision"),
        sa.CheckConstraint("(decision IS NULL) = (decided_on IS NULL)", name="decided"),
        sa.CheckConstraint("response_sent_on >= received_on AND decided_on >= received_on", name="dates"),
        sa.Index("ix_ombudsman_enquiry_complaint", "complaint_id"),
        sa.Index("ix_ombudsman_enquiry_received_on", "received_on", "id"),
    )

    reference: str = text()
    received_on: date
    response_due_on: date | None = None
    response_sent_on: date | None = None
    decision: str | None = text(default=None, nullable=True)
    decided_on: date | None = None
    fault_found: bool | None = None
    injustice_found: bool | None = None
    summary: str | None = text(default=None, nullable=True)
    owner: str | None = text(default=None, nullable=True)


class Remedy(Followed, table=True):
    """What was promised to put things right for the person who complained."""

    __tablename__ = "complaint_remedy"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {REMEDIES}", name="kind"),
        sa.CheckConstraint("from_source IN ('stage','ombudsman','agreed')", name="from_source"),
        sa.CheckConstraint("(kind = 'payment') = (amount_pence IS NOT NULL)", name="amount"),
        sa.CheckConstraint("amount_pence > 0", name="positive"),
        sa.CheckConstraint("done_on >= promised_on AND due_on >= promised_on", name="dates"),
        sa.CheckConstraint("done_on IS NULL OR evidence IS NOT NULL", name="evidence"),
        sa.CheckConstraint("(withdrawn_because IS NULL) OR done_on IS NULL", name="withdrawn"),
        sa.Index("ix_complaint_remedy_complaint", "complaint_id"),
        sa.Index("ix_complaint_remedy_due_on", "due_on", "id"),
    )

    kind: str = text()
    from_source: str = text()
    stage: str | None = text(default=None, nullable=True)
    enquiry_id: UUID | None = Field(default=None, foreign_key="ombudsman_enquiry.id")
    amount_pence: int | None = None
    description: str = text()
    owner: str = text()
    promised_on: date
    due_on: date
    done_on: date | None = None
    evidence: str | None = text(default=None, nullable=True)
    withdrawn_because: str | None = text(default=None, nullable=True)


class Recommendation(Followed, table=True):
    """What an investigation, a panel or the ombudsman recommended, and what the council made of it."""

    __tablename__ = "complaint_recommendation"
    __table_args__ = (
        sa.CheckConstraint("from_source IN ('stage','ombudsman')", name="from_source"),
        sa.CheckConstraint("answer IN ('accepted','rejected')", name="answer"),
        sa.CheckConstraint("(answer IS NULL) = (answered_on IS NULL)", name="answered"),
        sa.CheckConstraint("answer <> 'rejected' OR answer_reason IS NOT NULL", name="reason"),
        sa.CheckConstraint(
            "answer <> 'accepted' OR (owner IS NOT NULL AND due_on IS NOT NULL)", name="accepted_has_owner"
        ),
        sa.CheckConstraint("done_on IS NULL OR (answer = 'accepted' AND evidence IS NOT NULL)", name="done"),
        sa.CheckConstraint("answered_on >= made_on AND done_on >= made_on AND due_on >= made_on", name="dates"),
        sa.Index("ix_complaint_recommendation_complaint", "complaint_id"),
        sa.Index("ix_complaint_recommendation_made_on", "made_on", "id"),
    )

    from_source: str = text()
    stage: str | None = text(default=None, nullable=True)
    enquiry_id: UUID | None = Field(default=None, foreign_key="ombudsman_enquiry.id")
    made_on: date
    words: str = text()
    answer: str | None = text(default=None, nullable=True)
    answered_on: date | None = None
    answer_reason: str | None = text(default=None, nullable=True)
    owner: str | None = text(default=None, nullable=True)
    due_on: date | None = None
    done_on: date | None = None
    evidence: str | None = text(default=None, nullable=True)


class FollowedHistory(History, table=True):
    """What an enquiry, a remedy or a recommendation said until it was changed."""

    __tablename__ = "complaint_followed_history"
    __table_args__ = (sa.CheckConstraint("kind IN ('enquiry','remedy','recommendation')", name="kind"),)

    kind: str = text(primary_key=True)
    record_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
