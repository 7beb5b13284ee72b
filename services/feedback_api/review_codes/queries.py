"""Counting reviews by code."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import ReviewParticipation, table_of
from shared.schemas.periods import Period

_r = table_of(ReviewParticipation).c


async def count_codes(session: AsyncSession, span: Period, units: Sequence[str] | None) -> dict[str, int]:
    """How many reviews of the period have each code; without `units` of the whole council."""
    inside = _r.reviewed_on.between(span.start, span.end)
    statement = sa.select(_r.code, sa.func.count().label("number")).where(inside)
    if units is not None:
        statement = statement.where(_r.unit == sa.any_(sa.literal(list(units), sa.ARRAY(sa.Text))))
    return {row.code: row.number for row in (await session.execute(statement.group_by(_r.code))).all()}
