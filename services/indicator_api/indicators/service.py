"""The information mix: how many indicators of each type are in force, and which way that goes (R02)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from services.indicator_api.indicators.queries import Applied
from services.indicator_api.indicators.schemas import MixOut, MixPoint, TypeShare
from shared.clock import local_date, local_midnight
from shared.problems import Fault, Malformed
from shared.schemas.figures import InformationType
from shared.schemas.periods import Period, PeriodError, PeriodKind

MAX_POINTS = 120


def periods_between(first: str | None, last: str | None, today: date) -> list[Period]:
    """The periods asked about, this month where none is named; raises Malformed for two that do not go together."""
    end = Period.parse(last) if last else None
    begin = Period.parse(first) if first else end or Period.containing(PeriodKind.month, today)
    end = end or _current(begin.kind, today)
    if begin.kind is not end.kind or end < begin:
        detail = "give two periods of one kind that have dates of their own, the earlier one first"
        raise Malformed("The periods do not go together.", errors=[Fault("/query/from", "period_range", detail)])
    found = [begin]
    while found[-1] < end and len(found) <= MAX_POINTS:
        found.append(found[-1].successor)
    if len(found) > MAX_POINTS:
        fault = Fault("/query/from", "too_many", f"at most {MAX_POINTS} periods are given at once")
        raise Malformed("Ask for fewer periods.", errors=[fault])
    return found


def _current(kind: PeriodKind, today: date) -> Period:
    try:
        return Period.containing(kind, today)
    except PeriodError:
        fault = Fault("/query/from", "period_kind", "terms have no dates here; give months, quarters or years")
        raise Malformed("The periods cannot be used.", errors=[fault]) from None


def _ends(period: Period) -> date:
    try:
        return period.end
    except PeriodError:
        fault = Fault("/query/from", "period_kind", "terms have no dates here; give months, quarters or years")
        raise Malformed("The periods cannot be used.", errors=[fault]) from None


def information_mix(applied: Sequence[Applied], periods: Sequence[Period], today: date) -> MixOut:
    """Counts and shares at the end of each period, as the framework stood then; what nobody knew is null, never 0."""
    points = [_point(applied, period, today) for period in periods]
    since = min((local_date(one.applied_at) for one in applied), default=None)
    return MixOut(points=points, known_since=since, direction=_direction(points))


def _point(applied: Sequence[Applied], period: Period, today: date) -> MixPoint:
    end = _ends(period)
    # The present is what is applied, whatever the clocks of this service and its database say of the hour.
    until = None if end >= today else local_midnight(end + timedelta(days=1))
    standing = {one.code: one for one in applied if until is None or one.applied_at < until}
    if period.start > today:
        return _unknown(period, "not_begun")
    if until is not None and not standing:
        return _unknown(period, "no_framework_yet")
    counts = Counter(one.information_type for one in standing.values() if not one.retired)
    total = counts.total()
    shares = [
        TypeShare(information_type=kind, count=counts[kind], share=round(counts[kind] / total, 4) if total else None)
        for kind in InformationType
    ]
    return MixPoint(period=period.code, indicators=total, not_known_because=None, types=shares)


def _unknown(period: Period, why: Literal["no_framework_yet", "not_begun"]) -> MixPoint:
    nothing = [TypeShare(information_type=kind, count=None, share=None) for kind in InformationType]
    return MixPoint(period=period.code, indicators=None, not_known_because=why, types=nothing)


def _direction(points: Sequence[MixPoint]) -> str | None:
    shares = [
        one.share
        for point in points
        for one in point.types
        if one.information_type is InformationType.outcome and one.share is not None
    ]
    if len(shares) < 2:
        return None
    if shares[-1] == shares[0]:
        return "level"
    return "rising" if shares[-1] > shares[0] else "falling"
