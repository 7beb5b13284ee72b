"""England's working days: not a Saturday, Sunday or bank holiday, nor a day the council itself has closed."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta
from functools import lru_cache

import holidays

_NONE: frozenset[date] = frozenset()
_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of a year, substitute days included."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date, extra: Set[date] = _NONE) -> bool:
    """Whether work is done that day; `extra` are further days off, such as a new bank holiday."""
    return day.weekday() < 5 and day not in extra and day not in bank_holidays(day.year)


def add_working_days(start: date, n: int, extra: Set[date] = _NONE) -> date:
    """The n-th working day after `start`: the clock starts on the next working day, which is day 1.

    `n=0` is `start` itself where it is a working day, else the next that is. A negative n raises ValueError.
    """
    return _walk(start, n, extra, _DAY)


def subtract_working_days(start: date, n: int, extra: Set[date] = _NONE) -> date:
    """The n-th working day before `start`, so that n - 1 whole working days lie between the two.

    `n=0` is `start` itself where it is a working day, else the last before. A negative n raises ValueError.
    """
    return _walk(start, n, extra, -_DAY)


def count_working_days(first: date, last: date, extra: Set[date] = _NONE) -> int:
    """The working days from one day to another, both included; none where the last lies before the first."""
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sum(is_working_day(day, extra) for day in span)


def _walk(start: date, n: int, extra: Set[date], step: timedelta) -> date:
    if n < 0:
        raise ValueError("a number of working days is not negative; walk the other way instead")
    day, left = start, n
    if n == 0:
        while not is_working_day(day, extra):
            day += step
        return day
    while left:
        day += step
        left -= is_working_day(day, extra)
    return day
