"""Query parameters that need more than a pattern to be read."""

from __future__ import annotations

from datetime import date

from shared.problems import Fault, Malformed
from shared.schemas.periods import Period, PeriodError


def span_of(code: str) -> tuple[date, date]:
    """First and last day of a period; raises Malformed for terms, whose dates this service does not hold."""
    try:
        return Period.parse(code).dates()
    except PeriodError as error:
        fault = Fault("/query/period", "period", str(error))
        raise Malformed("Give a month, a quarter or a year.", errors=[fault]) from None
