"""The days of a period as a query gives it."""

from __future__ import annotations

from datetime import date, timedelta

from shared.problems import Fault, Malformed
from shared.schemas.periods import FIRST_YEAR, Period, PeriodKind, TermDatesUnknown


def span_of(code: str) -> Period:
    """The period with its days; raises Malformed for a term, which has no dates in this service."""
    period = Period.parse(code)
    try:
        period.dates()
    except TermDatesUnknown:
        fault = Fault("/query/period", "period", "give a month, quarter or year: terms have no dates in this service")
        raise Malformed("The period has no dates here; see errors.", errors=[fault]) from None
    return period


def quarter_of(code: str) -> Period:
    """The period where it is a financial quarter that has one before it; raises Malformed for any other."""
    period = Period.parse(code)
    first = period.year == FIRST_YEAR and period.part == 1
    if period.kind is not PeriodKind.financial_quarter or first:
        fault = Fault("/query/period", "period", "give a financial quarter, as in FY2026-27-Q2")
        raise Malformed("This is told by the quarter; see errors.", errors=[fault])
    return period


def told_from(quarter: Period) -> date:
    """The first day on which a quarter is told: a month after its end, when what comes late has come."""
    following = quarter.end + timedelta(days=1)
    return date(following.year + following.month // 12, following.month % 12 + 1, 1)


def first_told(today: date) -> Period | None:
    """The quarter that is told from this very day on."""
    quarter = Period.containing(PeriodKind.financial_quarter, today - timedelta(days=32))
    return quarter if told_from(quarter) == today else None
