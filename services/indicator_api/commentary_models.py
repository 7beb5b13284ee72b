"""The tables of commentary: what owners said of their figures, and where they were asked to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field

from services.indicator_api.registry import Table, key, moment, number, text


class Commentary(Table, table=True):
    """Every version of what was said of a figure, with the figure it spoke of; the highest version stands."""

    __tablename__ = "commentary"
    __table_args__ = (sa.CheckConstraint("version >= 1", name="version"),)

    indicator: str = key()
    area: str = key()
    period: str = key()
    version: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    words: str = text()
    value: Decimal | None = number()
    value_status: str | None = text(nullable=True)
    numerator: Decimal | None = number()
    denominator: Decimal | None = number()
    has_figure: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    written_by: str = text()
    written_at: datetime = moment()


class CommentaryRequest(Table, table=True):
    """The latest asking for a comment on a figure; what was asked before it is in the activity log."""

    __tablename__ = "commentary_request"
    __table_args__ = (
        sa.CheckConstraint("chased >= 0 AND (chased = 0) = (last_chased_at IS NULL)", name="chased"),
        sa.Index("ix_commentary_request_due_on", "due_on"),
    )

    indicator: str = key()
    area: str = key()
    period: str = key()
    due_on: date = Field(sa_column=sa.Column(sa.Date, nullable=False))
    message: str | None = text(nullable=True)
    # Nobody where the definition asks by itself and somebody chased it.
    asked_by: str | None = text(nullable=True)
    asked_at: datetime = moment()
    chased: int = Field(default=0, sa_column=sa.Column(sa.Integer, nullable=False))
    last_chased_by: str | None = text(nullable=True)
    last_chased_at: datetime | None = Field(default=None, sa_column=sa.Column(sa.DateTime(timezone=True)))
    answered_at: datetime | None = Field(default=None, sa_column=sa.Column(sa.DateTime(timezone=True)))
