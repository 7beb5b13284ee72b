"""Named calendars of school years: the dates of terms and half terms, which are data."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Label, LocalDate
from shared.schemas.framework.fields import Item, Part

YearCode = Annotated[str, StringConstraints(pattern=r"^AY[0-9]{4}-[0-9]{2}$")]
HALF_TERMS = ("HT1", "HT2", "HT3", "HT4", "HT5", "HT6")


class HalfTerm(Part):
    """One half term from its first to its last school day."""

    code: Literal["HT1", "HT2", "HT3", "HT4", "HT5", "HT6"]
    start: LocalDate
    end: LocalDate


class SchoolYear(Part):
    """The six half terms of an academic year."""

    year: YearCode
    half_terms: Annotated[tuple[HalfTerm, ...], Field(min_length=6, max_length=6)]

    @model_validator(mode="after")
    def _half_terms_follow_each_other(self) -> Self:
        if tuple(half.code for half in self.half_terms) != HALF_TERMS:
            raise SafeValueError("the half terms are HT1 to HT6, each once and in order")
        first = int(self.year[2:6])
        end_of_last = date(first, 8, 31)
        for half in self.half_terms:
            if half.start <= end_of_last or half.end < half.start:
                raise SafeValueError("half terms overlap, or one lies outside September to August; correct the dates")
            end_of_last = half.end
        if int(self.year[7:]) != (first + 1) % 100 or end_of_last > date(first + 1, 8, 31):
            raise SafeValueError("a school year runs from September to the next August, written AY2026-27")
        return self


class Calendar(Item):
    """The term dates of one group of schools; `checked` once they were compared with the published ones.

    `closed_days` are days on which the council does not work although England does.
    """

    title: Label
    checked: bool = False
    years: Annotated[tuple[SchoolYear, ...], Field(min_length=1, max_length=40)]
    closed_days: Annotated[tuple[LocalDate, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _each_year_once(self) -> Self:
        years = [year.year for year in self.years]
        if years != sorted(set(years)):
            raise SafeValueError("list each school year once, the earliest first")
        return self

    def term_calendar(self) -> dict[str, tuple[date, date]]:
        """First and last school day of each half term, as `Period.dates` takes them."""
        return {f"{year.year}-{half.code}": (half.start, half.end) for year in self.years for half in year.half_terms}
