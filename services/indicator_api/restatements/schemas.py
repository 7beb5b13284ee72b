"""Restatements on the wire: a figure before and after, by whom and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.figures import ValueStatus


class RestatementKind(StrEnum):
    """What about a figure changed, the weightiest first; a change is of exactly one kind."""

    value = "value"
    status = "status"
    finalised = "finalised"
    reopened = "reopened"
    parts = "parts"
    provenance = "provenance"


RESTATED = (RestatementKind.value, RestatementKind.status, RestatementKind.parts)


class StateOut(OutModel):
    """A figure as it stood for a time."""

    value: float | None
    value_status: ValueStatus | None
    display: str = Field(description="as it stands in a table", examples=["14.7%"])
    numerator: float | None
    denominator: float | None
    provisional: bool
    source_ref: str | None
    definition_version: int
    import_id: UUID
    recorded_at: datetime


class RestatementOut(OutModel):
    """One change of one figure."""

    indicator: str
    title: str
    area: str
    area_name: str | None
    period: str
    breakdown: str | None = Field(description="null is the total")
    kind: RestatementKind = Field(
        description="value: another number, or a symbol for a number; status: another symbol; finalised: provisional "
        "became final; reopened: final became provisional; parts: numerator or denominator; provenance: source or "
        "definition"
    )
    before: StateOut
    after: StateOut
    change: float | None = Field(description="after less before; null where one of them has no number")
    change_percent: float | None = Field(description="of the figure before; null where that is 0 or no number")
    restated_at: datetime
    restated_by: str | None
    reason: str | None = Field(description="in the words of whoever sent the figure; null where none was given")
    sentence: str
