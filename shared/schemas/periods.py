"""The grammar of periods: months, years, quarters, terms and half terms as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache, total_ordering
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Strict, StringConstraints, WithJsonSchema

from shared.faults import SafeValueError

FIRST_YEAR, LAST_YEAR = 1990, 2100


class PeriodKind(StrEnum):
    """What a period is a piece of."""

    month = "month"
    calendar_year = "calendar_year"
    financial_year = "financial_year"
    financial_quarter = "financial_quarter"
    reporting_year = "reporting_year"
    academic_year = "academic_year"
    term = "term"
    half_term = "half_term"


class PeriodError(SafeValueError):
    """A period that cannot be read or does not exist; the message never repeats what was given."""


class TermDatesUnknown(PeriodError):
    """A term or half term was asked for its dates without a calendar that has them."""


class OutsideTerm(PeriodError):
    """A day lies in no term of the calendar: a holiday, or a year the calendar does not reach."""


# The dates of terms are data: code of a term or half term -> its first and last school day.
TermCalendar = Mapping[str, tuple[date, date]]

_TWO_YEARS = re.compile(r"(FY|AY)([0-9]{4})-([0-9]{2})(?:-(Q|T|HT)([1-6]))?")
_ONE_YEAR = re.compile(r"(CY|RY)([0-9]{4})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR_PREFIX = {"CY": PeriodKind.calendar_year, "RY": PeriodKind.reporting_year}
_SPAN_PREFIX = {
    ("FY", None): PeriodKind.financial_year,
    ("FY", "Q"): PeriodKind.financial_quarter,
    ("AY", None): PeriodKind.academic_year,
    ("AY", "T"): PeriodKind.term,
    ("AY", "HT"): PeriodKind.half_term,
}
# The months from the January of its code's year to the end of each part; a term to the last it can reach into.
_ENDS: Mapping[PeriodKind, tuple[int, ...]] = {
    PeriodKind.month: tuple(range(1, 13)),
    PeriodKind.calendar_year: (12,),
    PeriodKind.financial_year: (15,),
    PeriodKind.financial_quarter: (6, 9, 12, 15),
    PeriodKind.reporting_year: (3,),
    PeriodKind.academic_year: (20,),
    PeriodKind.term: (12, 16, 20),
    PeriodKind.half_term: (10, 12, 14, 16, 17, 20),
}
_ORDER = {kind: place for place, kind in enumerate(PeriodKind)}
# How many of a kind make its year; a kind that is a year has none.
PARTS = {
    PeriodKind.month: 12,
    PeriodKind.financial_quarter: 4,
    PeriodKind.term: 3,
    PeriodKind.half_term: 6,
}
_SCHOOLING = (PeriodKind.term, PeriodKind.half_term)
_FORM = "give a period as 2026-04, CY2026, FY2026-27, FY2026-27-Q1, RY2026, AY2026-27, AY2026-27-T1 or AY2026-27-HT1"


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """One period: the year its code begins with, and which month, quarter, term or half term of it, or 0."""

    kind: PeriodKind
    year: int
    part: int = 0
    # The canonical code, as it stands on the wire and in the database.
    code: str = field(init=False, repr=False, compare=False)
    # Its place among periods of every kind: by the month it ends in, and of those that end together by their kinds.
    standing: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise PeriodError(f"the period is outside {FIRST_YEAR} to {LAST_YEAR}")
        parts = PARTS.get(self.kind, 0)
        if not (1 <= self.part <= parts if parts else self.part == 0):
            raise PeriodError(f"there is no such {self.kind.value.replace('_', ' ')}; {_FORM}")
        object.__setattr__(self, "code", self._code())
        year, month = self.last_month
        object.__setattr__(self, "standing", len(_ORDER) * (12 * year + month) + _ORDER[self.kind])

    @classmethod
    def parse(cls, code: str) -> Period:
        """Read a canonical code; raises PeriodError."""
        return _parsed(code)

    @classmethod
    def containing(cls, kind: PeriodKind, day: date, calendar: TermCalendar | None = None) -> Self:
        """The period of that kind the day lies in; a term needs a calendar, a holiday raises OutsideTerm."""
        if kind in _SCHOOLING:
            return cls._school_period(kind, day, calendar)
        financial = day.year - (day.month < 4)
        if kind is PeriodKind.month:
            return cls(kind, day.year, day.month)
        if kind is PeriodKind.financial_quarter:
            return cls(kind, financial, (day.month - 4) % 12 // 3 + 1)
        first = {
            PeriodKind.calendar_year: day.year,
            PeriodKind.financial_year: financial,
            PeriodKind.reporting_year: financial + 1,
            PeriodKind.academic_year: day.year - (day.month < 9),
        }
        return cls(kind, first[kind])

    @classmethod
    def _school_period(cls, kind: PeriodKind, day: date, calendar: TermCalendar | None) -> Self:
        year = day.year - (day.month < 9)
        for part in range(1, PARTS[kind] + 1):
            period = cls(kind, year, part)
            try:
                first, last = period.dates(calendar)
            except TermDatesUnknown:
                if not calendar:
                    raise
                continue
            if first <= day <= last:
                return period
        raise OutsideTerm("the day lies in no term of this calendar")

    def __hash__(self) -> int:
        # A text remembers its hash; periods are the keys of nearly everything.
        return hash(self.code)

    def _code(self) -> str:
        if self.kind is PeriodKind.month:
            return f"{self.year}-{self.part:02d}"
        if self.kind in _YEAR_PREFIX.values():
            prefix = "CY" if self.kind is PeriodKind.calendar_year else "RY"
            return f"{prefix}{self.year}"
        prefix, letter = next(key for key, kind in _SPAN_PREFIX.items() if kind is self.kind)
        span = f"{prefix}{self.year}-{(self.year + 1) % 100:02d}"
        return f"{span}-{letter}{self.part}" if letter else span

    def __str__(self) -> str:
        return self.code

    def dates(self, calendar: TermCalendar | None = None) -> tuple[date, date]:
        """First and last day. A term without its own entry runs from its first half term to its second."""
        if self.kind in _SCHOOLING:
            return self._school_dates(calendar or {})
        return _dates(self)

    def _school_dates(self, calendar: TermCalendar) -> tuple[date, date]:
        if self.code in calendar:
            return calendar[self.code]
        if self.kind is PeriodKind.term:
            halves = [Period(PeriodKind.half_term, self.year, 2 * self.part - 1 + later) for later in (0, 1)]
            if all(half.code in calendar for half in halves):
                return calendar[halves[0].code][0], calendar[halves[1].code][1]
        raise TermDatesUnknown("the calendar has no dates for this term or half term")

    @property
    def last_month(self) -> tuple[int, int]:
        """The year and month it ends in; of a term or half term the last it can reach into."""
        later, month = divmod(_ENDS[self.kind][max(self.part, 1) - 1] - 1, 12)
        return self.year + later, month + 1

    @property
    def start(self) -> date:
        """The first day; raises TermDatesUnknown for a term or half term."""
        return self.dates()[0]

    @property
    def end(self) -> date:
        """The last day; raises TermDatesUnknown for a term or half term."""
        return self.dates()[1]

    def _step(self, by: int) -> Period:
        parts = PARTS.get(self.kind, 1)
        place = self.year * parts + max(self.part, 1) - 1 + by
        return Period(self.kind, place // parts, place % parts + 1 if self.part else 0)

    @property
    def successor(self) -> Period:
        """The next period of the same kind."""
        return self._step(1)

    @property
    def predecessor(self) -> Period:
        """The period of the same kind before this one."""
        return self._step(-1)

    @property
    def same_period_last_year(self) -> Period:
        """The same month, quarter, term or year a year earlier."""
        return Period(self.kind, self.year - 1, self.part)

    @property
    def parent(self) -> Period | None:
        """Month, financial quarter, financial year; half term, term, academic year; a year has none."""
        if self.kind is PeriodKind.half_term:
            return Period(PeriodKind.term, self.year, (self.part + 1) // 2)
        if self.kind is PeriodKind.term:
            return Period(PeriodKind.academic_year, self.year)
        if self.kind is PeriodKind.month:
            return Period.containing(PeriodKind.financial_quarter, self.start)
        return Period(PeriodKind.financial_year, self.year) if self.part else None

    def within(self, kind: PeriodKind) -> Period:
        """The period of that kind that holds the whole of this one; PeriodError where there is none."""
        ancestor: Period | None = self
        while ancestor and ancestor.kind is not kind:
            ancestor = ancestor.parent
        if ancestor:
            return ancestor
        if self.kind not in _SCHOOLING and kind not in _SCHOOLING:
            found = Period.containing(kind, self.start)
            if found.end >= self.end:
                return found
        raise PeriodError(f"no {kind.value.replace('_', ' ')} holds the whole of this period")

    def covers(self, other: Period) -> bool:
        """Whether the whole of the other period lies in this one."""
        try:
            return other.within(self.kind) == self
        except PeriodError:
            return False

    @property
    def months(self) -> tuple[Period, ...]:
        """The calendar months it is made of; terms have none."""
        first, last = self.dates()
        count = 12 * (last.year - first.year) + last.month - first.month + 1
        begin = Period(PeriodKind.month, first.year, first.month)
        return tuple(begin._step(place) for place in range(count))

    def precedes(self, other: Period) -> bool:
        """Whether the other is the next of its kind."""
        if self.year == other.year:
            return self.part + 1 == other.part and self.kind is other.kind
        parts = PARTS.get(self.kind, 1)
        apart = (other.year - self.year) * parts + other.part - self.part
        return self.kind is other.kind and apart == 1

    def __le__(self, other: object) -> bool:
        return self.standing <= other.standing if isinstance(other, Period) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self.standing < other.standing if isinstance(other, Period) else NotImplemented


def parse_period(code: str) -> Period:
    """Read a canonical code; raises PeriodError."""
    return Period.parse(code)


# The same few hundred periods are asked about all day; one that was read is never changed.
@lru_cache(maxsize=4_096)
def _parsed(code: str) -> Period:
    if found := _MONTH.fullmatch(code):
        return Period(PeriodKind.month, int(found[1]), int(found[2]))
    if found := _ONE_YEAR.fullmatch(code):
        return Period(_YEAR_PREFIX[found[1]], int(found[2]))
    found = _TWO_YEARS.fullmatch(code)
    kind = _SPAN_PREFIX.get((found[1], found[4])) if found else None
    if not found or kind is None:
        raise PeriodError(_FORM)
    require_consecutive(found[2], found[3])
    return Period(kind, int(found[2]), int(found[5] or 0))


@lru_cache(maxsize=4_096)
def _dates(period: Period) -> tuple[date, date]:
    begins, months = {
        PeriodKind.month: (date(period.year, period.part or 1, 1), 1),
        PeriodKind.calendar_year: (date(period.year, 1, 1), 12),
        PeriodKind.financial_year: (date(period.year, 4, 1), 12),
        PeriodKind.financial_quarter: (_add_months(date(period.year, 4, 1), 3 * (period.part - 1)), 3),
        PeriodKind.reporting_year: (date(period.year - 1, 4, 1), 12),
        PeriodKind.academic_year: (date(period.year, 9, 1), 12),
    }[period.kind]
    return begins, _add_months(begins, months) - timedelta(days=1)


def require_consecutive(first: str, second: str) -> None:
    """Refuse a span such as 2026-28: a year of two halves names two years that follow each other."""
    if int(second) != (int(first) + 1) % 100:
        raise PeriodError("the two years of a period follow each other, as in 2026-27")


def _add_months(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def _canonical(value: Any) -> str:
    return Period.parse(value).code


PeriodCode = Annotated[
    str,
    Strict(),
    StringConstraints(max_length=13),
    AfterValidator(_canonical),
    WithJsonSchema({"type": "string", "description": _FORM, "examples": ["2026-04", "FY2026-27-Q1"]}),
]
