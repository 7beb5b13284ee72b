"""The clocks of a complaint: working days counted from an event, with extensions and days set aside."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, timedelta

from shared.schemas.framework.feedback import Limit, Stage
from shared.working_days import add_working_days, count_working_days, is_working_day


@dataclass(frozen=True, slots=True)
class SetAside:
    """Days that do not count, both included; an open end is None."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Due:
    """When a stage's clock starts and the days on which its limits end; None where that cannot be told."""

    clock_starts_on: date | None = None
    statutory: date | None = None
    local: date | None = None


def days_of(intervals: Iterable[SetAside]) -> frozenset[date]:
    """Every day of the ended intervals."""
    return frozenset(
        one.first + timedelta(days=number)
        for one in intervals
        if one.last is not None
        for number in range((one.last - one.first).days + 1)
    )


def days_allowed(limit: Limit, further: int) -> int:
    """The working days of a limit with the further days given, never more than it may be extended to."""
    return min(limit.working_days + further, max(limit.extended_to or 0, limit.working_days))


def stage_due(stage: Stage, event: date | None, further: int, set_aside: Iterable[SetAside], off: Set[date]) -> Due:
    """Count both limits of a stage from the event that starts its clock; `off` are local bank holidays."""
    if event is None:
        return Due()
    intervals = list(set_aside)
    uncounted = off | days_of(intervals) if intervals else off
    open_from = next((one.first for one in intervals if one.last is None), None)

    def end_of(limit: Limit | None) -> date | None:
        if limit is None:
            return None
        due = add_working_days(event, days_allowed(limit, further), uncounted)
        # A complaint set aside after its day had passed stays overdue; before, the day is not known until it resumes.
        return due if open_from is None or due < open_from else None

    starts = add_working_days(event, 1, uncounted)
    if open_from is not None and starts >= open_from:
        return Due()
    return Due(starts, end_of(stage.statutory_limit), end_of(stage.local_target))


def working_days_left(today: date, due: date, off: Set[date]) -> int:
    """Working days from tomorrow to the day it is due, that day included; negative once it is past."""
    first, last, sign = (today, due, 1) if due >= today else (due, today, -1)
    span = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sign * sum(is_working_day(day, off) for day in span)


def days_used(starts: date, until: date, set_aside: Iterable[SetAside], off: Set[date]) -> int:
    """The working days of a clock that have run up to a day, that day included; days set aside do not run."""
    intervals = [SetAside(one.first, one.last or max(until, one.first)) for one in set_aside]
    return count_working_days(starts, until, off | days_of(intervals) if intervals else off)
