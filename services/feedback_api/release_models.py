"""The table of what was told of a quarter to those who may not see true figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text


class ProtectedRelease(Table, table=True):
    """A quarter's protected figures as they stood when they were made; an edition never changes."""

    __tablename__ = "protected_release"
    __table_args__ = (sa.CheckConstraint("edition >= 1", name="edition"),)

    period: str = text(primary_key=True)
    edition: int = Field(primary_key=True)
    made_at: datetime = Field(sa_type=MOMENT)
    made_by: str = text()
    threshold: int
    content: dict[str, Any] = Field(sa_type=JSONB)


class ParticipationTold(Table, table=True):
    """How many took part in a quarter by group, the total under no name, null where it is hidden; it never changes."""

    __tablename__ = "participation_told"

    period: str = text(primary_key=True)
    told_at: datetime = Field(sa_type=MOMENT)
    threshold: int
    people: dict[str, int | None] = Field(sa_type=JSONB)
