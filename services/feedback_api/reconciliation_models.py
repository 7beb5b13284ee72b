"""The tables of the reconciliation with the complaints system: each month's runs and what they found."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text
from shared.ids import new_id

DIFFERENCES = "('missing_here','missing_in_source','received_outside')"


class Reconciliation(Table, table=True):
    """One comparison of a month: what the complaints system said it holds, and what was held here then."""

    __tablename__ = "reconciliation"
    __table_args__ = (
        sa.UniqueConstraint("month", "run"),
        sa.CheckConstraint("run >= 1", name="run"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    month: str = text()
    run: int = Field(sa_type=sa.SmallInteger)
    complaints_in_source: int
    complaints_here: int
    compliments_in_source: int
    compliments_here: int
    differences: int
    # SHA-256 of the source's list and of what was found: the same again is no new run.
    found_hash: bytes = Field(sa_type=sa.LargeBinary)
    posted_by: str = text()
    posted_at: datetime = Field(sa_type=MOMENT)


class ReconciliationDifference(Table, table=True):
    """A reference on which the two sides differ: the runs that found it, and the reason that settles it, if any."""

    __tablename__ = "reconciliation_difference"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('complaints','compliments')", name="kind"),
        sa.CheckConstraint(f"difference IN {DIFFERENCES}", name="difference"),
        sa.CheckConstraint("last_run >= first_run", name="runs"),
        sa.CheckConstraint(
            "(reason IS NULL) = (resolved_by IS NULL) AND (reason IS NULL) = (resolved_at IS NULL)", name="resolved"
        ),
    )

    month: str = text(primary_key=True)
    kind: str = text(primary_key=True)
    respond_ref: str = text(primary_key=True)
    difference: str = text(primary_key=True)
    first_run: int = Field(sa_type=sa.SmallInteger)
    last_run: int = Field(sa_type=sa.SmallInteger)
    reason: str | None = text(default=None, nullable=True)
    resolved_by: str | None = text(default=None, nullable=True)
    resolved_at: datetime | None = Field(default=None, sa_type=MOMENT)
