"""The days and names of a period where no calendar of term dates is at hand, as in this service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from shared.schemas.periods import FIRST_YEAR, LAST_YEAR, PARTS, Period, PeriodKind

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_TERMS = ("autumn", "spring", "summer")
_HALVES = ("first", "second")
# The first month a term or half term can begin in: their dates are the reporting service's.
_TERM_STARTS = {PeriodKind.term: (9, 1, 4), PeriodKind.half_term: (9, 10, 1, 2, 4, 5)}
_SINGLE_YEARS = (PeriodKind.calendar_year, PeriodKind.reporting_year)


@lru_cache(maxsize=4_096)
def last_day(period: Period) -> date:
    """The last day of a period; for a term the end of the month it can reach into."""
    if period.kind not in _TERM_STARTS:
        return period.end
    year, month = period.last_month
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


@lru_cache(maxsize=4_096)
def first_day(period: Period) -> date:
    """The first day of a period; for a term the start of the month it can begin in."""
    starts = _TERM_STARTS.get(period.kind)
    if starts is None:
        return period.start
    month = starts[period.part - 1]
    return date(period.year if month >= 9 else period.year + 1, month, 1)


def periods_ending(first: date, last: date) -> list[Period]:
    """The periods of every kind that end from one day to another, both included, in the order of their ends."""
    years = range(max(first.year - 1, FIRST_YEAR), min(last.year + 1, LAST_YEAR) + 1)
    every = (Period(kind, year, part) for kind in PeriodKind for year in years for part in _parts(kind))
    return sorted((one for one in every if first <= last_day(one) <= last), key=lambda one: (last_day(one), one.code))


@lru_cache(maxsize=1)
def last_days() -> Mapping[str, date]:
    """The last day of every period there can be, by its code."""
    return {one.code: last_day(one) for one in periods_ending(date.min, date.max)}


def last_complete_month(today: date) -> Period:
    return Period.containing(PeriodKind.month, today).predecessor


def code_bounds(kind: PeriodKind) -> tuple[str, str]:
    """The first and last code of a kind; between them those of one length are in the order of their periods."""
    parts = _parts(kind)
    return Period(kind, FIRST_YEAR, parts[0]).code, Period(kind, LAST_YEAR, parts[-1]).code


def _parts(kind: PeriodKind) -> Sequence[int]:
    return range(1, PARTS[kind] + 1) if kind in PARTS else (0,)


def is_annual(kind: PeriodKind) -> bool:
    return kind in _SINGLE_YEARS or kind in (PeriodKind.financial_year, PeriodKind.academic_year)


def in_words(period: Period) -> str:
    """A period as a board member reads it: `March 2022`, `the year to 31 March 2025`, `the school year 2024-25`."""
    span = f"{period.year}-{(period.year + 1) % 100:02d}"
    if period.kind is PeriodKind.month:
        return f"{_MONTHS[period.part - 1]} {period.year}"
    if period.kind is PeriodKind.calendar_year:
        return str(period.year)
    if period.kind is PeriodKind.reporting_year:
        return f"the year to 31 March {period.year}"
    if period.kind is PeriodKind.financial_year:
        return f"the financial year {span}"
    if period.kind is PeriodKind.academic_year:
        return f"the school year {span}"
    if period.kind is PeriodKind.financial_quarter:
        first, last = period.dates()
        return f"{_MONTHS[first.month - 1]} to {_MONTHS[last.month - 1]} {last.year}"
    if period.kind is PeriodKind.term:
        return f"the {_TERMS[period.part - 1]} term of {span}"
    half, term = _HALVES[(period.part - 1) % 2], _TERMS[(period.part - 1) // 2]
    return f"the {half} half of the {term} term of {span}"


def day_in_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
