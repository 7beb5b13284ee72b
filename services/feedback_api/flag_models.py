"""The tables of safeguarding flags: words that read like harm, who answered for them, and all that happened since."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, codes, text
from shared.ids import new_id

SUBJECT_KINDS = (
    "('view','complaint','compliment','survey_response','public_submission','challenge','activity',"
    "'agency_learning','learning_evaluation','report_update','weakness_link','commitment')"
)
OUTCOMES = "('referred','already_known','contacted','no_concern')"


class SafeguardingFlag(Table, table=True):
    """One record whose words somebody must read at once; it stays until a person has decided."""

    __tablename__ = "safeguarding_flag"
    __table_args__ = (
        sa.UniqueConstraint("subject_kind", "subject_ref"),
        sa.CheckConstraint(f"subject_kind IN {SUBJECT_KINDS}", name="subject_kind"),
        sa.CheckConstraint("status IN ('waiting','acknowledged','decided')", name="status"),
        sa.CheckConstraint("cardinality(reasons) > 0", name="reasons"),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        # Only a person's outcome takes a flag off the clock: none can be over without one, or wait without one.
        sa.CheckConstraint(
            "(status = 'decided') = (outcome IS NOT NULL) AND (outcome IS NULL) = (decided_at IS NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL) AND (status = 'decided') = (due_at IS NULL)",
            name="decided",
        ),
        sa.CheckConstraint(
            "(status = 'waiting') = (acknowledged_at IS NULL)"
            " AND (acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name="acknowledged",
        ),
        sa.CheckConstraint("level >= 1 AND version >= 1", name="numbers"),
        sa.Index("ix_safeguarding_flag_waiting", "told_at", "id", postgresql_where=sa.text("status = 'waiting'")),
        sa.Index("ix_safeguarding_flag_due", "due_at", "id", postgresql_where=sa.text("status <> 'decided'")),
        sa.Index("ix_safeguarding_flag_told_at", "told_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subject_kind: str = text()
    subject_ref: str = text()
    unit: str | None = text(default=None, nullable=True)
    reasons: list[str] = codes()
    raised_at: datetime = Field(sa_type=MOMENT)
    # The last time the duty role was told of it: at once, and again when more was said or it was opened again.
    told_at: datetime = Field(sa_type=MOMENT)
    status: str = text()
    level: int = Field(sa_type=sa.SmallInteger)
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    acknowledged_by: str | None = text(default=None, nullable=True)
    acknowledged_at: datetime | None = Field(default=None, sa_type=MOMENT)
    outcome: str | None = text(default=None, nullable=True)
    outcome_note: str | None = text(default=None, nullable=True)
    decided_by: str | None = text(default=None, nullable=True)
    decided_at: datetime | None = Field(default=None, sa_type=MOMENT)
    version: int


class SafeguardingEvent(Table, table=True):
    """One thing that happened to a flag: raised, raised again, escalated, acknowledged, decided or opened again."""

    __tablename__ = "safeguarding_event"
    __table_args__ = (
        sa.CheckConstraint(
            "kind IN ('raised','raised_again','escalated','acknowledged','decided','reopened')", name="kind"
        ),
    )

    flag_id: UUID = Field(foreign_key="safeguarding_flag.id", primary_key=True)
    position: int = Field(primary_key=True)
    kind: str = text()
    level: int = Field(sa_type=sa.SmallInteger)
    reasons: list[str] = codes()
    outcome: str | None = text(default=None, nullable=True)
    note: str | None = text(default=None, nullable=True)
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    happened_at: datetime = Field(sa_type=MOMENT)
    done_by: str = text()
