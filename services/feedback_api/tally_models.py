"""The table of kept theme counts, which only save counting: nothing stands in it that the records do not say."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text


class ThemeTally(Table, table=True):
    """The themes of one kind of record, one month and one unit; with an empty unit those of all units together.

    `cut` is the moment up to which changes are surely in it: a month changed later is counted anew when it is read.
    """

    __tablename__ = "theme_tally"
    kind: str = text(primary_key=True)
    month: date = Field(primary_key=True, description="its first day")
    unit: str = text(primary_key=True)
    cut: datetime = Field(sa_type=MOMENT)
    counts: str = text(description="JSON: lists of counts by name")
