"""England's working days: not a Saturday, Sunday or bank holiday, nor a day the council itself has closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

import holidays

K = TypeVar("K")
T = TypeVar("T")
_NONE: frozenset[date] = frozenset()
_DAY = timedelta(days=1)
_MOST_REMEMBERED = 5_000


class DaysOff(frozenset[date]):
    """Days off the library does not know, and in `worked` its bank holidays that are worked all the same.

    A bank holiday that is moved by proclamation is both: the new day is off, and on the old one work is done.
    """

    worked: frozenset[date]
    # What was counted by them: most of what comes in one day is counted from the same few days.
    ends: dict[tuple[date, int], date]
    counts: dict[tuple[date, date], int]

    def __new__(cls, off: Iterable[date] = (), worked: Iterable[date] = ()) -> DaysOff:
        made = super().__new__(cls, off)
        made.worked = frozenset(worked)
        made.ends, made.counts = {}, {}
        return made

    def __or__(self, others: Set[date]) -> DaysOff:  # type: ignore[override]
        return DaysOff(super().__or__(others), self.worked)


@lru_cache(maxsize=256)
def bank_holiday_names(year: int) -> Mapping[date, str]:
    """England's bank holidays of a year by their names, substitute days included."""
    return MappingProxyType(dict(sorted(holidays.country_holidays("GB", subdiv="ENG", years=year).items())))


@lru_cache(maxsize=256)
def bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of a year, substitute days included."""
    return frozenset(bank_holiday_names(year))


def is_working_day(day: date, extra: Set[date] = _NONE) -> bool:
    """Whether work is done that day; `extra` are further days off, such as a new bank holiday."""
    if day.weekday() >= 5 or day in extra:
        return False
    return day not in bank_holidays(day.year) or (isinstance(extra, DaysOff) and day in extra.worked)


def add_working_days(start: date, n: int, extra: Set[date] = _NONE) -> date:
    """The n-th working day after `start`: the clock starts on the next working day, which is day 1.

    `n=0` is `start` itself where it is a working day, else the next that is. A negative n raises ValueError.
    """
    if not isinstance(extra, DaysOff):
        return _walk(start, n, extra, _DAY)
    return _remembered(extra.ends, (start, n), lambda: _walk(start, n, extra, _DAY))


def subtract_working_days(start: date, n: int, extra: Set[date] = _NONE) -> date:
    """The n-th working day before `start`, so that n - 1 whole working days lie between the two.

    `n=0` is `start` itself where it is a working day, else the last before. A negative n raises ValueError.
    """
    return _walk(start, n, extra, -_DAY)


def count_working_days(first: date, last: date, extra: Set[date] = _NONE) -> int:
    """The working days from one day to another, both included; none where the last lies before the first."""
    if not isinstance(extra, DaysOff):
        return _count(first, last, extra)
    return _remembered(extra.counts, (first, last), lambda: _count(first, last, extra))


def _remembered(memory: dict[K, T], key: K, find: Callable[[], T]) -> T:
    found = memory.get(key)
    if found is None:
        found = find()
        if len(memory) < _MOST_REMEMBERED:
            memory[key] = found
    return found


def _count(first: date, last: date, extra: Set[date]) -> int:
    days = (last - first).days + 1
    if days <= 0:
        return 0
    weeks, rest = divmod(days, 7)
    from_monday_to_friday = 5 * weeks + sum((first.weekday() + number) % 7 < 5 for number in range(rest))
    free = {day for year in range(first.year, last.year + 1) for day in bank_holidays(year)}
    free = (free - extra.worked if isinstance(extra, DaysOff) else free) | extra
    return from_monday_to_friday - sum(first <= day <= last and day.weekday() < 5 for day in free)


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
