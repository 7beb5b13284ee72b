"""Which periods a programme has rounds of, and the days of one."""

from __future__ import annotations

from datetime import date

from services.audit_api.programmes.errors import PeriodNotOfProgramme
from services.audit_api.regular_rounds import FURTHEST, KINDS, Due, days_of
from shared.problems import Fault
from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.periods import Period, PeriodError


def due_of(programme: Programme, period: Period, today: date) -> Due:
    """The days of one period; raises PeriodNotOfProgramme for a period of another kind or far ahead."""
    check_kind(programme, period, "period")
    try:
        found = days_of(programme, period)
    except PeriodError as error:
        raise _refused("period", "period", str(error)) from None
    if found.starts_on > today + FURTHEST:
        raise _refused("period", "too_far_ahead", "give a period within the next five years")
    return found


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
