"""The table of kept tallies, which only save counting: nothing stands in it that the audits do not say."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlmodel import Field

from services.audit_api.registry import TEXT, Table


class AuditTally(Table, table=True):
    """What the submitted audits of a month, a unit and an edition of a tool add up to, at the state they were in.

    `audits` and `versions` (how many, and the sum of their versions) tell that state: both only ever rise, so where
    they are as they were, nothing was added or changed since.
    """

    __tablename__ = "audit_tally"
    month: date = Field(primary_key=True, description="its first day")
    unit: str = Field(sa_type=TEXT, primary_key=True)
    tool: str = Field(sa_type=TEXT, primary_key=True)
    tool_version: int = Field(primary_key=True)
    audits: int
    versions: int = Field(sa_type=sa.BigInteger)
    counts: str = Field(sa_type=TEXT, description="JSON rows of fact, key, value and number")
    titles: str = Field(sa_type=TEXT, description="JSON lists of the titles of findings, by kind")
