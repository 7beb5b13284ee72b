"""How periods, dates and counts are said in a sentence a board member reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from shared.schemas.periods import Period, PeriodKind

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_QUARTERS = ("April to June", "July to September", "October to December", "January to March")
_REASONS = {
    "not_configured": "the service is not connected",
    "no_area": "the framework names no council",
    "not_offered": "no service offers it yet",
    "timeout": "the service did not answer in time",
    "refused": "the service could not be reached",
    "open_circuit": "the service could not be reached",
    "no_token": "there was no permission to ask",
    "forbidden": "there was no permission to ask",
    "unauthorised": "there was no permission to ask",
    "not_found": "the service has none yet",
}
_TERMS = ("autumn term", "spring term", "summer term")


@lru_cache(maxsize=4_096)
def period_words(code: str) -> str:
    """`2026-10` as "October 2026", `RY2025` as "year to 31 March 2025", and so on."""
    period = Period.parse(code)
    year, part = period.year, period.part
    span = f"{year}-{(year + 1) % 100:02d}"
    match period.kind:
        case PeriodKind.month:
            return f"{_MONTHS[part - 1]} {year}"
        case PeriodKind.calendar_year:
            return str(year)
        case PeriodKind.reporting_year:
            return f"year to 31 March {year}"
        case PeriodKind.financial_quarter:
            return f"{_QUARTERS[part - 1]} {year + (part == 4)}"
        case PeriodKind.financial_year:
            return f"financial year {span}"
        case PeriodKind.term:
            return f"{_TERMS[part - 1]} {year + (part > 1)}"
        case PeriodKind.half_term:
            half = "first" if part % 2 else "second"
            return f"{half} half of the {_TERMS[(part - 1) // 2]} {year + (part > 2)}"
    return f"academic year {span}"


def date_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 action`, `2 actions`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str) -> str:
    """With a capital at the start and one full stop at the end."""
    bare = text.strip().rstrip(".")
    return f"{bare[:1].upper()}{bare[1:]}." if bare else ""


def period_short(code: str) -> str:
    """As few words as a narrow column has room for: "Oct 2026", "to Mar 2025", "Q2 2026-27"."""
    period = Period.parse(code)
    span = f"{period.year}-{(period.year + 1) % 100:02d}"
    match period.kind:
        case PeriodKind.month:
            return f"{_MONTHS[period.part - 1][:3]} {period.year}"
        case PeriodKind.reporting_year:
            return f"to Mar {period.year}"
        case PeriodKind.financial_quarter:
            return f"Q{period.part} {span}"
        case PeriodKind.academic_year:
            return f"school {span}"
        case PeriodKind.financial_year:
            return span
    return period_words(code)


def in_period(code: str) -> str:
    """With the preposition a sentence needs: "in October 2026", "in the year to 31 March 2025"."""
    kind = Period.parse(code).kind
    if kind in (PeriodKind.month, PeriodKind.calendar_year):
        return f"in {period_words(code)}"
    if kind is PeriodKind.financial_quarter:
        return f"in the quarter {period_words(code)}"
    return f"in the {period_words(code)}"


def reason_words(reason: str | None) -> str:
    """Why a source is missing, in words."""
    return _REASONS.get(reason or "", "the service gave no usable answer")
