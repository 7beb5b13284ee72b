"""Reading figures: all indicators, areas and periods wanted in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.memo import Memo
from services.indicator_api.models import figures
from services.indicator_api.series.known import Known, period_of
from shared.database import driver_connection
from shared.schemas.figures import ValueStatus
from shared.statements import Statement

TOTAL = ""
# The figures of each indicator and area, in the order of their periods.
Figures = dict[tuple[str, str], list[Known]]
# The very same rows make the very same figures, which then compare at once. Some kilobyte each with its row.
_made: Memo[Figures] = Memo(50_000, weigh=lambda made: 1 + sum(map(len, made.values())))
STATUSES: dict[str | None, ValueStatus | None] = {None: None} | {status.value: status for status in ValueStatus}


async def read_figures(
    session: AsyncSession,
    indicators: Collection[str],
    areas: Collection[str],
    *,
    breakdown: str = TOTAL,
    as_at: datetime | None = None,
    periods: Collection[tuple[str, str]] | None = None,
) -> Figures:
    """The figures as they stand or stood, which nobody may change; of the (indicator, period) pairs named, if any."""
    given: dict[str, Any] = {
        "indicators": sorted(indicators),
        "areas": sorted(areas),
        "breakdown": breakdown,
        "as_at": as_at,
    }
    if periods is not None:
        pairs = sorted(periods)
        given |= {"of": [one for one, _ in pairs], "period": [two for _, two in pairs]}
    statement = _statement(past=as_at is not None, paired=periods is not None)
    connection = await driver_connection(session)
    rows = await connection.fetch(statement.text, *statement.values(given))
    return _made.made(hash(repr(given)), rows, lambda: _grouped(rows))


@lru_cache(maxsize=4)
def _statement(*, past: bool, paired: bool) -> Statement:
    """The statement, compiled once: only the values differ from one question to the next."""
    source = figures(sa.bindparam("as_at", type_=sa.DateTime(timezone=True)) if past else None)
    columns = source.c
    # Single precision would lose digits; a double carries every figure the range allows to the last one.
    number: sa.Double[float] = sa.Double()
    statement = sa.select(
        columns.indicator, columns.area, columns.period,
        sa.cast(columns.value, number), columns.value_status,
        sa.cast(columns.numerator, number), sa.cast(columns.denominator, number),
        columns.definition_version, columns.provisional, columns.revised, columns.recorded_at,
    ).where(
        columns.indicator == sa.any_(_texts("indicators")),
        columns.area == sa.any_(_texts("areas")),
        columns.breakdown == sa.bindparam("breakdown", type_=sa.Text()),
    )  # fmt: skip
    if paired:
        wanted = sa.func.unnest(_texts("of"), _texts("period"))
        named = wanted.table_valued("indicator", "period", name="wanted").render_derived()
        statement = statement.join_from(
            source, named, sa.and_(columns.indicator == named.c.indicator, columns.period == named.c.period)
        )
    return Statement(statement)


def _texts(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=ARRAY(sa.Text()))


def _grouped(rows: Sequence[Any]) -> Figures:
    found: Figures = defaultdict(list)
    for indicator, area, period, value, status, numerator, denominator, version, provisional, revised, at in rows:
        known = STATUSES[status]
        figure = Known(period_of(period), value, known, numerator, denominator, version, provisional, revised, at)
        found[indicator, area].append(figure)
    for series in found.values():
        series.sort(key=lambda one: one.period.standing)
    return dict(found)
