"""The tables of kept counts, which only save counting: nothing stands in them that the records do not say."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text


class KeptMonth(Table, table=True):
    """A month whose records of one kind are counted; `cut` is the moment up to which changes are surely in it."""

    __tablename__ = "kept_month"
    kind: str = text(primary_key=True)
    month: date = Field(primary_key=True, description="its first day")
    cut: datetime = Field(sa_type=MOMENT)


class KeptTally(Table, table=True):
    """One list of counts of a kept month and a unit; with an empty unit of all units together."""

    __tablename__ = "kept_tally"
    __table_args__ = (
        sa.ForeignKeyConstraint(["kind", "month"], ["kept_month.kind", "kept_month.month"], ondelete="CASCADE"),
    )
    kind: str = text(primary_key=True)
    month: date = Field(primary_key=True)
    unit: str = text(primary_key=True)
    list: str = text(primary_key=True)
    counts: str = text(description="JSON: counts by code")
