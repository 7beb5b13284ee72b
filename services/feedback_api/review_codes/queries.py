"""Counting reviews by code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import ReviewParticipation, table_of
from shared.schemas.periods import Period, PeriodError, PeriodKind

_r = table_of(ReviewParticipation).c
_LONGER = (
    PeriodKind.financial_quarter, PeriodKind.financial_year, PeriodKind.calendar_year, PeriodKind.academic_year,
)  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """Which reviews; `units` None is the whole council."""

    first: date
    last: date
    units: tuple[str, ...] | None


async def count_codes(session: AsyncSession, scope: Scope) -> dict[str, int]:
    """How many reviews have each code."""
    inside = _r.reviewed_on.between(scope.first, scope.last)
    statement = sa.select(_r.code, sa.func.count().label("number")).where(inside)
    if scope.units is not None:
        statement = statement.where(_r.unit == sa.any_(sa.literal(list(scope.units), sa.ARRAY(sa.Text))))
    return {row.code: row.number for row in (await session.execute(statement.group_by(_r.code))).all()}


def wider_scopes(scope: Scope, span: Period, above: list[list[str]]) -> list[Scope]:
    """The scopes that hold this one and could be asked for as easily: more units, a longer period."""
    found = [Scope(scope.first, scope.last, tuple(units)) for units in above]
    found.append(Scope(scope.first, scope.last, None))
    for kind in _LONGER:
        try:
            longer = span.within(kind)
        except PeriodError:
            continue
        found.append(Scope(longer.start, longer.end, scope.units))
    return [one for one in dict.fromkeys(found) if one != scope]
