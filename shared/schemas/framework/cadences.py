"""How often a report is due, and what its periods may be."""

from __future__ import annotations

from enum import StrEnum

from shared.schemas.periods import PeriodKind


class Cadence(StrEnum):
    """How often a report is due."""

    monthly = "monthly"
    quarterly = "quarterly"
    half_termly = "half_termly"
    termly = "termly"
    annual = "annual"
    periodic = "periodic"
    on_request = "on_request"


# What a period of each cadence may be; a cadence that is absent has no periods of its own.
PERIOD_KINDS: dict[Cadence, tuple[PeriodKind, ...]] = {
    Cadence.monthly: (PeriodKind.month,),
    Cadence.quarterly: (PeriodKind.financial_quarter,),
    Cadence.half_termly: (PeriodKind.half_term,),
    Cadence.termly: (PeriodKind.term,),
    Cadence.annual: (
        PeriodKind.financial_year,
        PeriodKind.academic_year,
        PeriodKind.calendar_year,
        PeriodKind.reporting_year,
    ),
}
