"""The tables of words to be shared: who redacted them, who approved them for whom, and until when they may be read."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, codes
from services.feedback_api.registry import text as words
from shared.ids import new_id

AUDIENCES = ("team", "service", "boards", "public")


class Quotation(Table, table=True):
    """Some of a record's words, redacted, on their way to whoever may read them once another person has approved."""

    __tablename__ = "quotation"
    __table_args__ = (
        sa.CheckConstraint("status IN ('proposed','approved','refused','withdrawn')", name="status"),
        sa.CheckConstraint("consent IN ('shared','anonymous','own_words')", name="consent"),
        sa.CheckConstraint(f"audience IN {AUDIENCES}", name="audience"),
        # Nothing is read by anyone without a person's approval, for whom and until when.
        sa.CheckConstraint(
            "status <> 'approved' OR (audience IS NOT NULL AND approved_by IS NOT NULL AND approved_at IS NOT NULL"
            " AND expires_on IS NOT NULL AND cardinality(blocked) = 0)",
            name="approved",
        ),
        sa.CheckConstraint(
            "(status IN ('refused','withdrawn')) = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (ended_by IS NULL)",
            name="ended",
        ),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index("ix_quotation_approved", "said_on", postgresql_where=sa.text("status = 'approved'")),
        sa.Index("ix_quotation_subject", "subject_kind", "subject_ref"),
        sa.Index("ix_quotation_proposed_at", "proposed_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subject_kind: str = words()
    subject_ref: str = words()
    field: str = words()
    unit: str = words()
    said_on: date
    respondent_group: str | None = words(default=None, nullable=True)
    channel: str | None = words(default=None, nullable=True)
    themes: list[str] = codes()
    consent: str = words()
    original: str = words()
    text: str = words()
    # Everyone who wrote any version of the text.
    written_by: list[str] = codes()
    blocked: list[str] = codes()
    status: str = words()
    audience: str | None = words(default=None, nullable=True)
    approved_by: str | None = words(default=None, nullable=True)
    approved_at: datetime | None = Field(default=None, sa_type=MOMENT)
    expires_on: date | None = None
    ended_by: str | None = words(default=None, nullable=True)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    proposed_at: datetime = Field(sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)
    version: int


class QuotationEvent(Table, table=True):
    """One thing that happened to a quotation, with the text as it then stood; kept inside the council."""

    __tablename__ = "quotation_event"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('proposed','redacted','approved','refused','withdrawn')", name="kind"),
    )

    quotation_id: UUID = Field(foreign_key="quotation.id", primary_key=True)
    position: int = Field(primary_key=True)
    kind: str = words()
    text: str = words()
    reason: str | None = words(default=None, nullable=True)
    audience: str | None = words(default=None, nullable=True)
    happened_at: datetime = Field(sa_type=MOMENT)
    done_by: str = words()
