"""The table of what each neighbour last answered."""

from __future__ import annotations

from datetime import datetime

from services.reporting_api.registry import Table, moment, text


class SourceReading(Table, table=True):
    """When each source last answered well and up to when its content then went."""

    __tablename__ = "source_reading"

    service: str = text(primary_key=True)
    endpoint: str = text(primary_key=True)
    as_of: datetime | None = moment(default=None)
    last_good_at: datetime | None = moment(default=None)
    last_failed_at: datetime | None = moment(default=None)
    last_reason: str | None = text(default=None)
