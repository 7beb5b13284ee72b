"""Data quality on the wire: expected figures, completeness, findings, the summary."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.indicator_api.checking.schemas import IndicatorLoadOut, SourceLoadOut
from services.indicator_api.quality.expectations import Status
from shared.schemas.base import LocalDate, OutModel

_SHARE = "from 0 to 1, of what is due; null where nothing is"


class ExpectedOut(OutModel):
    """One figure that is expected of one place for one period."""

    indicator: str
    title: str
    source_system: str
    owner_role: str
    area: str
    area_name: str
    period: str
    due_on: LocalDate
    status: Status = Field(description="provisional: it came, and is still to be made final")
    received_at: datetime | None = Field(description="when it first came; later changes are restatements")
    days_late: int = Field(description="by how many days it came late, or is late by now")
    unavailable: bool = Field(description="it came as `x`: there is no number for the period")


class QualityCounts(OutModel):
    """Figures that are due and what became of them, frozen as things stood on the day each was due."""

    expected: int
    received: int
    on_time: int
    late: int
    missing: int
    provisional: int = Field(description="of those received")
    unavailable: int = Field(description="of those received: `x` instead of a number")
    not_due: int = Field(description="expected later; no part of the other counts")
    complete_share: Annotated[float | None, Field(description=f"received, {_SHARE}")]
    on_time_share: Annotated[float | None, Field(description=f"received by their due day, {_SHARE}")]


class PeriodCountsOut(QualityCounts):
    period: str


class IndicatorCountsOut(QualityCounts):
    indicator: str
    title: str


class SourceCountsOut(QualityCounts):
    source_system: str
    name: str
    periods: list[PeriodCountsOut]
    indicators: list[IndicatorCountsOut]


class CompletenessOut(OutModel):
    """How complete and how timely the figures of each source system are."""

    from_: LocalDate = Field(serialization_alias="from", description="the first day a period may end on")
    to: LocalDate = Field(description="the last day a period may end on")
    as_at: LocalDate = Field(description="the day on which what is late and missing is told")
    sources: list[SourceCountsOut]


class SourceSummaryOut(QualityCounts):
    source_system: str
    name: str
    findings: int = Field(description="rules broken by the latest figure of each series")


class SummaryOut(OutModel):
    """Data quality for a front page: the twelve months that ended last, by source system."""

    from_: LocalDate = Field(serialization_alias="from")
    to: LocalDate
    as_at: LocalDate
    total: QualityCounts
    findings: int
    sources: list[SourceSummaryOut]


class LoadsOut(OutModel):
    """Stored figures of a period beside those of the one before."""

    period: str
    sources: list[SourceLoadOut]
    indicators: list[IndicatorLoadOut]
