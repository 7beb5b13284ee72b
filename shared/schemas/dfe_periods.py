"""DfE's pair of columns, `time_period` and `time_identifier`, read as a period."""

from __future__ import annotations

import re

from shared.schemas.periods import Period, PeriodError, PeriodKind, require_consecutive

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SIX_DIGITS = {
    "ay": (PeriodKind.academic_year, 0),
    "academic year": (PeriodKind.academic_year, 0),
    "fy": (PeriodKind.financial_year, 0),
    "financial year": (PeriodKind.financial_year, 0),
    "t1": (PeriodKind.term, 1),
    "autumn term": (PeriodKind.term, 1),
    "t2": (PeriodKind.term, 2),
    "spring term": (PeriodKind.term, 2),
    "t3": (PeriodKind.term, 3),
    "summer term": (PeriodKind.term, 3),
}
_FOUR_DIGITS = {
    "ry": (PeriodKind.reporting_year, 0),
    "reporting year": (PeriodKind.reporting_year, 0),
    "cy": (PeriodKind.calendar_year, 0),
    "calendar year": (PeriodKind.calendar_year, 0),
    **{name: (PeriodKind.month, place) for place, name in enumerate(_MONTHS, start=1)},
    **{f"m{place}": (PeriodKind.month, place) for place in range(1, 13)},
}


def from_dfe(time_period: str | int, time_identifier: str) -> Period:
    """Read `201819` with AY, FY or T1 to T3, or `2019` with RY, CY or a month (`M4` or `April`).

    Codes and DfE's own words (`Autumn term`) both do; raises PeriodError.
    """
    digits = str(time_period).strip()
    identifier = time_identifier.strip().lower()
    if re.fullmatch(r"[0-9]{6}", digits) and identifier in _SIX_DIGITS:
        require_consecutive(digits[:4], digits[4:])
        kind, part = _SIX_DIGITS[identifier]
    elif re.fullmatch(r"[0-9]{4}", digits) and identifier in _FOUR_DIGITS:
        kind, part = _FOUR_DIGITS[identifier]
    else:
        raise PeriodError("give six digits with AY, FY or T1 to T3, or four digits with RY, CY or a month")
    return Period(kind, int(digits[:4]), part)
