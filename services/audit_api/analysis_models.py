"""The tables of kept tallies, which only save counting: nothing stands in them that the audits do not say."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.audit_api.registry import TEXT, Table


class AuditTally(Table, table=True):
    """What the submitted audits of a month, a unit and an edition of a tool add up to, at the state they were in.

    `audits` and `versions` (how many, and the sum of their versions) tell that state. While no audit is deleted both
    only ever rise, so where they are as they were, nothing was added or changed since; with an audit that is deleted
    the tallies go that it stood in.
    `through` is of no use where a release that does not note it has counted since: `through_versions` tells.
    """

    __tablename__ = "audit_tally"
    month: date = Field(primary_key=True, description="its first day")
    unit: str = Field(sa_type=TEXT, primary_key=True)
    tool: str = Field(sa_type=TEXT, primary_key=True)
    tool_version: int = Field(primary_key=True)
    audits: int
    versions: int = Field(sa_type=sa.BigInteger)
    counts: str = Field(sa_type=TEXT, description="JSON rows of fact, key, value and number")
    titles: str = Field(sa_type=TEXT, description="JSON, how often each title of a finding was given, by kind")
    through: UUID | None = Field(description="up to which identifier it counts")
    through_versions: int | None = Field(sa_type=sa.BigInteger, description="`versions` when that was noted")


class AuditEpoch(Table, table=True):
    """One row: the time in which no audit was deleted. A trigger gives it another `epoch` whenever one is."""

    __tablename__ = "audit_epoch"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)
    id: int = Field(primary_key=True, sa_type=sa.SmallInteger, sa_column_kwargs={"autoincrement": False})
    epoch: UUID = Field(sa_column_kwargs={"server_default": sa.text("gen_random_uuid()")})
