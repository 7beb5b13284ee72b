"""The deadlines calculator: the dates of a clock, each with how it was counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import Annotated, Literal

from pydantic import Field, field_validator

from services.feedback_api.complaints.clock import SetAside, days_of
from services.feedback_api.complaints.schemas import FurtherDays, Interval
from shared.faults import SafeValueError
from shared.schemas.base import LocalDate, OutModel, StrictModel
from shared.working_days import bank_holiday_names, is_working_day

_MOST_DAYS_SET_ASIDE = 3_660
_YEARS = range(2000, 2091)
_DAY = timedelta(days=1)
Why = Literal["weekend", "bank_holiday", "set_aside"]


class DeadlinesIn(StrictModel):
    """A clock to be counted: working days from the day of receipt, which itself is not counted."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "received_on": "2026-12-18",
                    "working_days": 10,
                    "extensions": [10],
                    "frozen": [{"from": "2027-01-11", "to": "2027-01-15"}],
                }
            ]
        }
    }

    received_on: LocalDate
    working_days: Annotated[int, Field(ge=1, le=400)]
    extensions: list[FurtherDays] = Field(
        default=[], max_length=20, description="each so many working days on top of those before it"
    )
    frozen: list[Interval] = Field(
        default=[], max_length=50, description="the days from and to and all between do not count; without `to` no end"
    )

    @field_validator("received_on")
    @classmethod
    def _in_years_we_know(cls, day: date) -> date:
        if day.year not in _YEARS:
            raise SafeValueError("the year is outside 2000 to 2090")
        return day

    @field_validator("frozen")
    @classmethod
    def _not_for_decades(cls, frozen: list[Interval]) -> list[Interval]:
        if sum((one.last - one.first).days + 1 for one in frozen if one.last) > _MOST_DAYS_SET_ASIDE:
            raise SafeValueError("more than ten years are set aside")
        return frozen


class PassedOver(OutModel):
    """Days in a row that did not count, and why; a day set aside is that whatever else it is."""

    first: date
    last: date
    why: Why
    name: str | None = Field(description="of a bank holiday or a local day off")


class DeadlineOut(OutModel):
    working_days: int = Field(description="counted from the start, extensions so far included")
    due_on: date | None = Field(description="null where the clock is stopped before this day without an end")
    weekend_days: int = Field(description="Saturdays and Sundays passed over since the day of receipt")
    bank_holidays: int = Field(description="England's bank holidays and local days off passed over")
    days_set_aside: int
    counted: str = Field(description="the counting in a sentence")


class DeadlinesOut(OutModel):
    received_on: date
    clock_starts_on: date | None = Field(description="day 1: the first working day after receipt that is not set aside")
    due_on: date | None = Field(description="before any extension")
    due: DeadlineOut
    extended: list[DeadlineOut] = Field(description="after each extension in turn")
    final_due_on: date | None = Field(description="after all extensions")
    passed_over: list[PassedOver] = Field(description="what did not count up to the last day told, in order")


@dataclass
class _Walk:
    """Days walked from the day of receipt: those that counted, and those that did not by why."""

    counted: int = 0
    passed: dict[Why, int] = field(default_factory=lambda: {"weekend": 0, "bank_holiday": 0, "set_aside": 0})
    spans: list[PassedOver] = field(default_factory=list)

    def pass_over(self, day: date, why: Why, name: str | None) -> None:
        self.passed[why] += 1
        last = self.spans[-1] if self.spans else None
        if last is not None and (last.last, last.why, last.name) == (day - _DAY, why, name):
            last.last = day
        else:
            self.spans.append(PassedOver(first=day, last=day, why=why, name=name))


def deadlines(body: DeadlinesIn, off: Set[date], names: Mapping[date, str]) -> DeadlinesOut:
    """Count a clock in one walk; `off` are the local days off, and `names` what they are called."""
    aside = days_of(SetAside(one.first, one.last) for one in body.frozen)
    stopped = min((one.first for one in body.frozen if one.last is None), default=None)
    totals = list(accumulate(body.extensions, initial=body.working_days))
    walk, starts, found = _Walk(), None, list[DeadlineOut]()
    for day in _days_after(body.received_on, stopped):
        if day in aside:
            walk.pass_over(day, "set_aside", None)
        elif day.weekday() >= 5:
            walk.pass_over(day, "weekend", None)
        elif not is_working_day(day, off):
            walk.pass_over(day, "bank_holiday", names.get(day) or bank_holiday_names(day.year).get(day))
        else:
            walk.counted += 1
            starts = starts or day
            if walk.counted == totals[len(found)]:
                found.append(_deadline(body.received_on, starts, day, walk))
        if len(found) == len(totals):
            break
    found += [_stopped(total, walk) for total in totals[len(found) :]]
    return DeadlinesOut(
        received_on=body.received_on,
        clock_starts_on=starts,
        due_on=found[0].due_on,
        due=found[0],
        extended=found[1:],
        final_due_on=found[-1].due_on,
        passed_over=walk.spans,
    )


def _days_after(day: date, stopped: date | None) -> Iterator[date]:
    """The days after one, up to the last before the clock is stopped for good."""
    while stopped is None or day + _DAY < stopped:
        day += _DAY
        yield day


def _deadline(received_on: date, starts: date, due: date, walk: _Walk) -> DeadlineOut:
    days, passed = (due - received_on).days, walk.passed
    return DeadlineOut(
        working_days=walk.counted,
        due_on=due,
        weekend_days=passed["weekend"],
        bank_holidays=passed["bank_holiday"],
        days_set_aside=passed["set_aside"],
        counted=(
            f"Received on {_day(received_on)}. Day 1 is {_day(starts)} and day {walk.counted} is {_day(due)}: "
            f"{days} days later, of which {passed['weekend']} at weekends, {passed['bank_holiday']} on bank holidays "
            f"and {passed['set_aside']} set aside do not count."
        ),
    )


def _stopped(total: int, walk: _Walk) -> DeadlineOut:
    passed = walk.passed
    return DeadlineOut(
        working_days=total,
        due_on=None,
        weekend_days=passed["weekend"],
        bank_holidays=passed["bank_holiday"],
        days_set_aside=passed["set_aside"],
        counted=f"Day {walk.counted} of {total} has been counted when the clock is stopped without an end.",
    )


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
