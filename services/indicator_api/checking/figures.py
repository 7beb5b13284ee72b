"""Reading recent figures with their breakdowns, as the rules look at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from services.indicator_api.series.known import Known, period_of
from shared.schemas.figures import ValueStatus
from shared.tables import org_unit

_now, _area = metadata.tables["observation"], metadata.tables["area"]
# An indicator, and the first and last code of the periods wanted of it.
Stretch = tuple[str, str, str]
# The figures of each indicator and area by breakdown, in the order of their periods.
Series = dict[tuple[str, str], dict[str, list[Known]]]


def texts(values: Sequence[str]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, list(values), type_=ARRAY(sa.Text), unique=True)


def stretches(wanted: Collection[Stretch]) -> sa.TableValuedAlias:
    columns = zip(*sorted(wanted), strict=True)
    arrays = sa.func.unnest(*(texts(list(column)) for column in columns))
    return arrays.table_valued("indicator", "low", "high", name="wanted").render_derived()


def within(table: sa.FromClause, wanted: sa.FromClause) -> sa.ColumnElement[bool]:
    """Codes of one kind have one length and sort as their periods follow each other."""
    return sa.and_(
        table.c.indicator == wanted.c.indicator,
        table.c.period >= wanted.c.low,
        table.c.period <= wanted.c.high,
        sa.func.length(table.c.period) == sa.func.length(wanted.c.low),
    )


async def read_series(session: AsyncSession, wanted: Collection[Stretch], areas: Collection[str]) -> Series:
    """The figures of some stretches with every breakdown, each series in the order of its periods."""
    if not wanted or not areas:
        return {}
    named = stretches(wanted)
    number: sa.Double[float] = sa.Double()
    statement = (
        sa.select(
            _now.c.indicator, _now.c.area, _now.c.breakdown, _now.c.period, sa.cast(_now.c.value, number),
            _now.c.value_status, sa.cast(_now.c.numerator, number), sa.cast(_now.c.denominator, number),
            _now.c.definition_version, _now.c.provisional,
        )
        .join_from(named, _now, within(_now, named))
        .where(_now.c.area == sa.any_(texts(sorted(areas))))
        .order_by(_now.c.indicator, _now.c.area, _now.c.period, _now.c.breakdown)
    )  # fmt: skip
    return grouped((await session.execute(statement)).all())


def grouped(rows: Iterable[Sequence[Any]]) -> Series:
    """Rows of figures, in the order of their periods, as series."""
    found: Series = defaultdict(lambda: defaultdict(list))
    for indicator, area, breakdown, period, value, status, numerator, denominator, version, provisional in rows:
        mark = None if status is None else ValueStatus(status)
        known = Known(period_of(period), value, mark, numerator, denominator, version, provisional)
        found[indicator, area][breakdown].append(known)
    return found


async def read_closings(session: AsyncSession) -> dict[str, date]:
    """The last day of each unit and area that has closed or will."""
    lives = [
        sa.select(table.c.code, table.c.valid_to).where(table.c.valid_to.is_not(None)) for table in (org_unit, _area)
    ]
    return {row.code: row.valid_to for row in (await session.execute(sa.union_all(*lives))).all()}
