"""A team's impact summary on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.board_report import Availability, PeriodRef, Source
from shared.schemas.figures import ValueStatus

PartCode = Literal["indicators", "audits", "feedback", "partners", "learned"]
LineKind = Literal[
    "indicator", "grades", "strength", "area_for_improvement", "concern", "action", "count", "changed", "challenge",
    "views", "lesson", "recommendation",
]  # fmt: skip


class ImpactLine(OutModel):
    """One thing to show as a line, in the words and with the number that may be shown."""

    kind: LineKind
    ref: str | None = Field(default=None, description="an indicator's code or a record's id, in its own service")
    title: str
    period: str | None = None
    value: float | None = None
    value_status: ValueStatus | None = None
    display: str
    favourable: bool | None = None
    sentence: str


class ImpactPart(OutModel):
    """One part of the summary; an unavailable one says why and holds nothing."""

    part: PartCode
    title: str
    headline: str
    availability: Availability
    unavailable_reason: str | None = None
    lines: list[ImpactLine] = []
    caveats: list[str] = []
    sources: list[Source] = []


class ImpactSummaryOut(OutModel):
    """What a team's own work and its partners' did, and what was learned, to be read in a team meeting (R18)."""

    unit: str
    unit_name: str
    period: PeriodRef
    as_of: datetime
    headlines: list[str] = Field(description="one sentence from each part that has something to say")
    parts: list[ImpactPart] = Field(
        description="own indicators, audits and feedback, then partners, then what was learned"
    )
