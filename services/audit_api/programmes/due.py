"""The days that decide whether an audit of a period is on time, late or missed; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.audit_api.programmes.errors import PeriodNotOfProgramme
from shared.problems import Fault
from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.periods import Period, PeriodError, PeriodKind
from shared.working_days import add_working_days

KINDS = {
    "monthly": PeriodKind.month,
    "quarterly": PeriodKind.financial_quarter,
    "annual": PeriodKind.financial_year,
}
FURTHEST = timedelta(days=5 * 366)


@dataclass(frozen=True)
class Due:
    """First and last day of a period, and the days after which it is late and missed."""

    starts_on: date
    ends_on: date
    due_on: date
    missed_after: date


def due_of(programme: Programme, period: Period, today: date) -> Due:
    """The days of one period; raises PeriodNotOfProgramme for a period of another kind or far ahead."""
    check_kind(programme, period, "period")
    try:
        first, last = period.dates()
    except PeriodError as error:
        raise _refused("period", "period", str(error)) from None
    if first > today + FURTHEST:
        raise _refused("period", "too_far_ahead", "give a period within the next five years")
    days = programme.due_working_days_after_period or 0
    return Due(
        starts_on=first,
        ends_on=last,
        due_on=add_working_days(last, days),
        missed_after=add_working_days(period.successor.end, days),
    )


def check_kind(programme: Programme, period: Period, name: str) -> None:
    """Raises PeriodNotOfProgramme unless the programme has rounds of that kind of period."""
    if programme.cadence == "as_decided":
        return
    wanted = KINDS.get(programme.cadence)
    if wanted is None:
        detail = "the programme has no rounds: each manager's own audits fall due (GET /v1/supervision-audits)"
        raise _refused(name, "cadence", detail)
    if period.kind is not wanted:
        words = wanted.value.replace("_", " ")
        raise _refused(name, "cadence", f"give a {words}, since the programme is {programme.cadence}")


def _refused(name: str, code: str, detail: str) -> PeriodNotOfProgramme:
    return PeriodNotOfProgramme(
        "The period does not fit the programme.", errors=[Fault(f"/query/{name}", code, detail)]
    )


def periods_between(first: Period, last: Period) -> Iterator[Period]:
    """Every period from one to another of the same kind, both included."""
    while first <= last:
        yield first
        first = first.successor
