"""The tables of the exceptions service: what is kept ready for the last complete month, and what was answered."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.indicator_api.registry import Table, key, moment, text


class ExceptionMonth(Table, table=True):
    """The one month exceptions are kept for, and the edition of framework and method they were found under."""

    __tablename__ = "exception_month"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(sa_column=sa.Column(sa.SmallInteger, primary_key=True, autoincrement=False))
    month: str = text()
    edition: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    kept_at: datetime = moment()


class ExceptionPlace(Table, table=True):
    """A place whose exceptions are kept, with the indicators that had anything to examine there."""

    __tablename__ = "exception_place"

    area: str = key()
    indicators: list[str] = Field(sa_column=sa.Column(ARRAY(sa.Text), nullable=False))


class ExceptionSum(Table, table=True):
    """A series that added up those of units below it when its exceptions were kept last."""

    __tablename__ = "exception_sum"

    indicator: str = key()
    area: str = key()


class ExceptionRow(Table, table=True):
    """One exception as it goes out, true figures and all; `raised_at` stays while it stands in this direction."""

    __tablename__ = "exception_row"
    __table_args__ = (
        sa.CheckConstraint("status IN ('new','standing','resolved')", name="status"),
        sa.Index("ix_exception_row_area", "area"),
    )

    indicator: str = key()
    area: str = key()
    trigger: str = key()
    direction: str = key()
    status: str = text()
    favourable: bool | None = Field(default=None, sa_column=sa.Column(sa.Boolean))
    raised_at: datetime = moment()
    first_period: str = text()
    row: str = text()


class ExceptionStale(Table, table=True):
    """Series whose figures changed since their exceptions were kept: written by a trigger, so no writer forgets."""

    __tablename__ = "exception_stale"

    id: int = Field(sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True))
    indicator: str = text()
    area: str = text()


class ExceptionProtected(Table, table=True):
    """An indicator whose exceptions are kept as callers get them whose small numbers are hidden, and where it had any
    to examine."""

    __tablename__ = "exception_protected"

    indicator: str = key()
    month: str = text()
    edition: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    threshold: int
    areas: list[str] = Field(sa_column=sa.Column(ARRAY(sa.Text), nullable=False))


class ExceptionProtectedRow(Table, table=True):
    """One exception as it goes out to them; since when it stands is told of the true one."""

    __tablename__ = "exception_protected_row"
    __table_args__ = (
        sa.CheckConstraint("status IN ('new','standing','resolved')", name="status"),
        sa.Index("ix_exception_protected_row_area", "area"),
    )

    indicator: str = key()
    area: str = key()
    trigger: str = key()
    direction: str = key()
    status: str = text()
    favourable: bool | None = Field(default=None, sa_column=sa.Column(sa.Boolean))
    row: str = text()


class ExceptionProtectedStale(Table, table=True):
    """Indicators of which any figure changed, a breakdown's too: written by the same trigger."""

    __tablename__ = "exception_protected_stale"

    id: int = Field(sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True))
    indicator: str = text()


class ExceptionAnswer(Table, table=True):
    """What the owner said of an exception; nothing is changed or taken back, a later answer stands beside it."""

    __tablename__ = "exception_answer"
    __table_args__ = (sa.Index("ix_exception_answer_series", "indicator", "area", "trigger", "direction"),)

    id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    key: str = text()
    indicator: str = text()
    area: str = text()
    trigger: str = text()
    direction: str = text()
    period: str = text()
    inputs_hash: str = text()
    explanation: str = text()
    action: str | None = text(nullable=True)
    expected_until: date | None = Field(default=None, sa_column=sa.Column(sa.Date))
    holds_until: date = Field(sa_column=sa.Column(sa.Date, nullable=False))
    answered_by: str = text()
    answered_at: datetime = moment()
