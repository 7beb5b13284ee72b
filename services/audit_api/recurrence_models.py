"""The table of answers to recurring themes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.audit_api.registry import MOMENT, TEXT, Table


class RecurrenceResponse(Table, table=True):
    """What was decided about a theme that recurs; the alert itself is counted anew each time it is read."""

    __tablename__ = "recurrence_response"
    period: str = Field(sa_type=TEXT, primary_key=True)
    rule: str = Field(sa_type=TEXT, primary_key=True)
    unit: str = Field(sa_type=TEXT, primary_key=True, foreign_key="org_unit.code")
    theme: str = Field(sa_type=TEXT, primary_key=True)
    response: str = Field(sa_type=TEXT)
    action_id: UUID | None = Field(default=None, foreign_key="action.id")
    audits: int = Field(description="how many audits stood behind it when it was answered")
    responded_by: str = Field(sa_type=TEXT)
    responded_at: datetime = Field(sa_type=MOMENT)
    version: int = 1
