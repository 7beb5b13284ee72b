"""Query parameters that need more than a pattern to be read."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from shared.problems import Fault, Malformed
from shared.schemas.periods import Period, PeriodError


def span_of(code: str) -> tuple[date, date]:
    """First and last day of a period; raises Malformed for terms, whose dates this service does not hold."""
    try:
        return Period.parse(code).dates()
    except PeriodError as error:
        fault = Fault("/query/period", "period", str(error))
        raise Malformed("Give a month, a quarter or a year.", errors=[fault]) from None


def uuid_in_cursor(text: str) -> UUID:
    """The id a cursor of this service carries."""
    try:
        return UUID(text)
    except ValueError:
        raise _foreign() from None


def day_in_cursor(text: str) -> date:
    """The day a cursor of this service carries."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _foreign() from None


def _foreign() -> Malformed:
    fault = Fault("/query/after", "cursor", "use the `next` of an earlier page of this same list")
    return Malformed("The cursor is not one of this list's.", errors=[fault])
