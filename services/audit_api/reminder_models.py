"""The table of reminders that were given, so that each is given once."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field

from services.audit_api.registry import MOMENT, TEXT, Table


class Reminder(Table, table=True):
    """One thing was spoken of at one stage before or after one due date; another date begins anew."""

    __tablename__ = "reminder"
    kind: str = Field(sa_type=TEXT, primary_key=True)
    subject: str = Field(sa_type=TEXT, primary_key=True)
    due_on: date = Field(primary_key=True)
    stage: str = Field(sa_type=TEXT, primary_key=True)
    given_at: datetime = Field(sa_type=MOMENT)
