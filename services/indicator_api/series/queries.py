"""Reading figures: all indicators, areas and periods wanted in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import figures
from services.indicator_api.series.known import Known, period_of
from shared.schemas.figures import ValueStatus

TOTAL = ""
# The figures of each indicator and area, in the order of their periods.
Figures = dict[tuple[str, str], list[Known]]
_STATUSES = {status.value: status for status in ValueStatus}


async def read_figures(
    session: AsyncSession,
    indicators: Collection[str],
    areas: Collection[str],
    *,
    breakdown: str = TOTAL,
    as_at: datetime | None = None,
    periods: Collection[tuple[str, str]] | None = None,
) -> Figures:
    """The figures as they stand or stood; of the (indicator, period) pairs named, where any are."""
    source = figures(as_at)
    columns = source.c
    # Single precision would lose digits; a double carries every figure the range allows to the last one.
    number: sa.Double[float] = sa.Double()
    statement = sa.select(
        columns.indicator, columns.area, columns.period,
        sa.cast(columns.value, number), columns.value_status,
        sa.cast(columns.numerator, number), sa.cast(columns.denominator, number),
        columns.definition_version, columns.provisional, columns.revised, columns.recorded_at,
    ).where(
        columns.indicator == sa.any_(_texts(sorted(indicators))),
        columns.area == sa.any_(_texts(sorted(areas))),
        columns.breakdown == breakdown,
    )  # fmt: skip
    if periods is not None:
        pairs = sorted(periods)
        wanted = sa.func.unnest(_texts([one for one, _ in pairs]), _texts([two for _, two in pairs]))
        named = wanted.table_valued("indicator", "period", name="wanted").render_derived()
        statement = statement.join_from(
            source, named, sa.and_(columns.indicator == named.c.indicator, columns.period == named.c.period)
        )
    return _grouped((await session.execute(statement)).all())


def _texts(values: Sequence[str]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, list(values), type_=ARRAY(sa.Text), unique=True)


def _grouped(rows: Sequence[Any]) -> Figures:
    found: Figures = defaultdict(list)
    for indicator, area, period, value, status, numerator, denominator, version, provisional, revised, at in rows:
        found[indicator, area].append(
            Known(
                period=period_of(period),
                value=value,
                status=None if status is None else _STATUSES[status],
                numerator=numerator,
                denominator=denominator,
                version=version,
                provisional=provisional,
                revised=revised,
                recorded_at=at,
            )
        )
    for series in found.values():
        series.sort(key=lambda one: (one.period.year, one.period.part))
    return dict(found)
