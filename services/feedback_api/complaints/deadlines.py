"""The deadlines calculator: the dates of a clock, each with how it was counted."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta
from itertools import accumulate
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.feedback_api.complaints.clock import SetAside, days_of, uncounted_days
from services.feedback_api.complaints.schemas import FurtherDays, Interval
from shared.faults import SafeValueError
from shared.schemas.base import LocalDate, OutModel, StrictModel
from shared.working_days import add_working_days

_MOST_DAYS_SET_ASIDE = 3_660
_YEARS = range(2000, 2091)


class FrozenIn(Interval):
    """Days set aside, both included."""

    last: LocalDate = Field(alias="to")


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
    frozen: list[FrozenIn] = Field(
        default=[], max_length=50, description="the days from and to and all between do not count"
    )

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        if self.received_on.year not in _YEARS:
            raise SafeValueError("received_on lies outside 2000 to 2090")
        if sum((one.last - one.first).days + 1 for one in self.frozen) > _MOST_DAYS_SET_ASIDE:
            raise SafeValueError("more than ten years are set aside")
        return self


class DeadlineOut(OutModel):
    working_days: int = Field(description="counted from the start, extensions so far included")
    due_on: date
    weekend_days: int = Field(description="Saturdays and Sundays passed over since the day of receipt")
    bank_holidays: int = Field(description="England's bank holidays and local days off passed over")
    days_set_aside: int
    counted: str = Field(description="the counting in a sentence")


class DeadlinesOut(OutModel):
    received_on: date
    clock_starts_on: date = Field(description="day 1: the first working day after receipt that is not set aside")
    due_on: date = Field(description="before any extension")
    due: DeadlineOut
    extended: list[DeadlineOut] = Field(description="after each extension in turn")
    final_due_on: date = Field(description="after all extensions")


def deadlines(body: DeadlinesIn, off: Set[date]) -> DeadlinesOut:
    """Count a clock; `off` are days off that the library of bank holidays does not know."""
    aside = days_of(SetAside(one.first, one.last) for one in body.frozen)
    totals = list(accumulate(body.extensions, initial=body.working_days))
    counted = [_deadline(body.received_on, total, aside, off) for total in totals]
    return DeadlinesOut(
        received_on=body.received_on,
        clock_starts_on=add_working_days(body.received_on, 1, off | aside),
        due_on=counted[0].due_on,
        due=counted[0],
        extended=counted[1:],
        final_due_on=counted[-1].due_on,
    )


def _deadline(received_on: date, total: int, aside: Set[date], off: Set[date]) -> DeadlineOut:
    starts = add_working_days(received_on, 1, off | aside)
    due = add_working_days(received_on, total, off | aside)
    passed = uncounted_days(received_on, due, aside, off)
    days = (due - received_on) // timedelta(days=1)
    return DeadlineOut(
        working_days=total,
        due_on=due,
        weekend_days=passed.weekends,
        bank_holidays=passed.bank_holidays,
        days_set_aside=passed.set_aside,
        counted=(
            f"Received on {_day(received_on)}. Day 1 is {_day(starts)} and day {total} is {_day(due)}: "
            f"{days} days later, of which {passed.weekends} at weekends, {passed.bank_holidays} on bank holidays "
            f"and {passed.set_aside} set aside do not count."
        ),
    )


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
