"""Axes: round numbers over a range, and periods in equal steps with the missing ones kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.indicator_api.days import is_annual
from shared.schemas.periods import Period, PeriodKind

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_WORDS = ((1e9, "billions"), (1e6, "millions"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TERMS = ("Aut", "Spr", "Sum")
_PARTS = {PeriodKind.month: 12, PeriodKind.financial_quarter: 4, PeriodKind.term: 3, PeriodKind.half_term: 6}
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
_PART_STEPS = (1, 2, 4, 8, 12, 24, 48)
_YEAR_STEPS = (1, 2, 5, 10, 20, 50)
_WHOLE_YEARS = {PeriodKind.calendar_year: "Year", PeriodKind.reporting_year: "Year to 31 March"}


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers on a line between two places of the drawing, with round ticks that end it."""

    ticks: tuple[float, ...]
    start: float
    end: float

    def at(self, value: float) -> float:
        least, most = self.ticks[0], self.ticks[-1]
        return self.start + (value - least) / (most - least) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        return self.ticks[0] <= value <= self.ticks[-1]


def round_ticks(least: float, most: float, about: int = 5, *, whole: bool = False) -> tuple[float, ...]:
    """Round numbers in equal steps from at or below the least to at or above the most."""
    if most <= least:
        pad = abs(least) * 0.1 or 1.0
        least, most = least - pad, most + pad
    step = _round_up((most - least) / about)
    if whole:
        step = max(1.0, math.ceil(step))
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    return tuple(float(f"{number * step:.12g}") for number in range(first, last + 1))


def _round_up(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * step for step in _STEPS if power * step >= rough * (1 - 1e-9))


def value_ticks(
    values: Iterable[float], about: int, *, from_zero: bool, ceiling: float | None, whole: bool = False
) -> tuple[float, ...]:
    """Ticks that hold the values with a little air; nought is included where it is near or asked for."""
    known = list(values)
    if not known:
        return (0.0, 1.0)
    least, most = min(known), max(known)
    air = 0.06 * (most - least or abs(most) or 1.0)
    low, high = least - air, most + air
    if least >= 0 and (from_zero or least < 0.4 * most or low < 0):
        low = 0.0
    if most <= 0 and from_zero:
        high = 0.0
    if from_zero and least < 0 < most:
        low, high = least - air, most + air
    if ceiling is not None and most <= ceiling:
        high = min(high, ceiling)
    return round_ticks(low, high, about, whole=whole)


def in_words_of(ticks: Sequence[float]) -> tuple[float, str]:
    """What large numbers are divided by on an axis, and the word for it."""
    most = max(abs(tick) for tick in ticks)
    return next(((unit, word) for unit, word in _WORDS if most >= 5 * unit), (1.0, ""))


def tick_text(value: float, step: float, *, before: str = "", after: str = "") -> str:
    """A tick with as many decimals as its step needs."""
    places = next((number for number in range(7) if math.isclose(step, round(step, number), rel_tol=1e-9)), 6)
    text = f"{before}{abs(value):,.{places}f}{after}"
    return f"-{text}" if value < 0 and round(abs(value), places) else text


def ordinal(period: Period) -> int:
    """The place of a period among all of its kind."""
    return period.year * _PARTS.get(period.kind, 1) + max(period.part, 1) - 1


def period_text(period: Period) -> str:
    """A period as short as an axis needs it."""
    span = f"{period.year}-{(period.year + 1) % 100:02d}"
    if period.kind is PeriodKind.month:
        return f"{_MONTHS[period.part - 1]} {period.year}"
    if period.kind in _WHOLE_YEARS:
        return str(period.year)
    if period.kind is PeriodKind.financial_quarter:
        return f"Q{period.part} {span}"
    if period.kind is PeriodKind.term:
        return f"{_TERMS[period.part - 1]} {span}"
    if period.kind is PeriodKind.half_term:
        return f"{_TERMS[(period.part - 1) // 2]} {(period.part - 1) % 2 + 1} {span}"
    return span


def axis_name(kind: PeriodKind) -> str:
    """What the years on the axis are, where their labels do not say."""
    if kind is PeriodKind.academic_year:
        return "School year"
    return _WHOLE_YEARS.get(kind, "Financial year" if kind is PeriodKind.financial_year else "")


def period_ticks(first: Period, last: Period, room: float, widest: float) -> list[Period]:
    """The periods to label so that no two labels touch: quarters and Januaries of months, of years the last one."""
    begin, end = ordinal(first), ordinal(last)
    steps: Sequence[int] = _YEAR_STEPS if is_annual(first.kind) else _PART_STEPS
    if first.kind is PeriodKind.month:
        steps = _MONTH_STEPS
    fit = max(1, int(room // widest))
    step = next((one for one in steps if (end - begin) // one + 1 <= fit), steps[-1])
    anchor = end if is_annual(first.kind) else 0
    found, period = [], first
    while True:
        if (ordinal(period) - anchor) % step == 0:
            found.append(period)
        if ordinal(period) >= end:
            break
        period = period.successor
    return found or [last]
