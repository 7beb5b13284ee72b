"""The tables of views: what was said, in which piece of work, and what it said before a correction."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import History, Recorded, Table, codes, text


class View(Recorded, table=True):
    """What one person or group said, through one channel, about one unit."""

    __tablename__ = "view"
    __table_args__ = (
        sa.UniqueConstraint("source", "source_ref"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        sa.CheckConstraint("sentiment IN ('positive','mixed','negative')", name="sentiment"),
        sa.CheckConstraint("age_band IN ('under 1','1-4','5-9','10-15','16+')", name="age_band"),
        sa.CheckConstraint("consent IN ('shared','anonymous','internal_only')", name="consent"),
        sa.CheckConstraint("cardinality(themes) <= 10", name="themes"),
        sa.CheckConstraint("safeguarding_flag = (cardinality(flag_reasons) > 0)", name="flag"),
        sa.CheckConstraint("version >= 1", name="version"),
        # Lists walk it backwards; a summary of a period never leaves it for the table.
        sa.Index(
            "ix_view_given_on",
            "given_on",
            "id",
            postgresql_include=["unit", "channel", "respondent_group", "sentiment", "rating", "themes"],
        ),
        # Whoever sent it asks by it whether it was stored, without naming the system.
        sa.Index("ix_view_source_ref", "source_ref", postgresql_where=sa.text("source_ref IS NOT NULL")),
        # Finds what changed since counts were kept.
        sa.Index("ix_view_changed_at", "changed_at"),
        sa.Index("ix_view_flagged", "given_on", "id", postgresql_where=sa.text("safeguarding_flag")),
    )

    source: str = text()
    source_ref: str | None = text(default=None, nullable=True)
    channel: str = text()
    respondent_group: str = text()
    given_on: date
    age_band: str | None = text(default=None, nullable=True)
    rating: int | None = Field(default=None, sa_type=sa.SmallInteger)
    sentiment: str | None = text(default=None, nullable=True)
    what_works: str | None = text(default=None, nullable=True)
    what_should_change: str | None = text(default=None, nullable=True)
    consent: str = text()
    safeguarding_flag: bool
    flag_reasons: list[str] = codes()
    import_id: UUID | None = None


class ViewLink(Table, table=True):
    """The audit, review or assessment in which a view was given."""

    __tablename__ = "view_link"
    __table_args__ = (sa.Index("ix_view_link_ref", "kind", "ref"),)

    view_id: UUID = Field(foreign_key="view.id", primary_key=True)
    kind: str = text(primary_key=True)
    ref: str = text(primary_key=True)


class ViewHistory(History, table=True):
    __tablename__ = "view_history"
    __table_args__ = (sa.Index("ix_view_history_superseded_at", "superseded_at"),)
    view_id: UUID = Field(foreign_key="view.id", primary_key=True)
    version: int = Field(primary_key=True)
