"""What each Head of Service asks a board to look at, period by period."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.indicator_api.registry import Table, key, moment, text


class FocusList(Table, table=True):
    """The areas of focus a unit's Head of Service named for a period; every version is kept, the highest holds."""

    __tablename__ = "focus_list"
    __table_args__ = (sa.CheckConstraint("version >= 1", name="version"),)

    unit: str = key()
    period: str = key()
    version: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    items: list[dict[str, Any]] = Field(sa_column=sa.Column(JSONB, nullable=False))
    named_by: str = text()
    named_at: datetime = moment()
