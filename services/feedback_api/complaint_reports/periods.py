"""The periods that have a complaints report: financial quarters and years."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from shared.faults import SafeValueError
from shared.schemas.periods import Period, PeriodCode, PeriodKind

KINDS = (PeriodKind.financial_quarter, PeriodKind.financial_year)
_FORM = "give a financial quarter or year, as in FY2026-27-Q1 or FY2026-27"


def _reported(code: str) -> str:
    if Period.parse(code).kind not in KINDS:
        raise SafeValueError(_FORM)
    return code


ReportPeriod = Annotated[
    PeriodCode,
    AfterValidator(_reported),
    WithJsonSchema({"type": "string", "description": _FORM, "examples": ["FY2026-27-Q2"]}),
]
