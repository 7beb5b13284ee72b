"""Figures in columns: of each indicator and area one row of lists, which are quick to read and to compare."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import figures
from services.indicator_api.series.known import Known, period_of
from services.indicator_api.series.queries import STATUSES
from shared.database import Database, driver_connection
from shared.statements import Statement
from shared.tables import framework_state

# By indicator and area: what PostgreSQL says of its figures, in no order.
Rows = dict[tuple[str, str], tuple[Any, ...]]
# Another one as soon as anything of the framework changes, a restored one too.
FRAMEWORK = sa.select(framework_state.c.state.label("edition"))


async def fetch_columns(
    database: Database, indicators: Collection[str], areas: Collection[str], breakdown: str, as_at: datetime | None
) -> tuple[UUID, Rows]:
    """The edition of the framework and the figures as they stand or stood, both at the same moment."""
    return _found(await database.fetch(_statement(past=as_at is not None), _given(indicators, areas, breakdown, as_at)))


async def read_columns(
    session: AsyncSession, indicators: Collection[str], areas: Collection[str], breakdown: str, as_at: datetime | None
) -> tuple[UUID, Rows]:
    """The same at the moment of a transaction."""
    connection, statement = await driver_connection(session), _statement(past=as_at is not None)
    values = statement.values(_given(indicators, areas, breakdown, as_at))
    return _found(await connection.fetch(statement.text, *values))


def _given(
    indicators: Collection[str], areas: Collection[str], breakdown: str, as_at: datetime | None
) -> dict[str, Any]:
    return {"indicators": sorted(indicators), "areas": sorted(areas), "breakdown": breakdown, "as_at": as_at}


def _found(rows: Sequence[Any]) -> tuple[UUID, Rows]:
    return rows[0]["edition"], {(row["indicator"], row["area"]): row[3:] for row in rows if row[3] is not None}


def figures_of(columns: tuple[Any, ...]) -> list[Known]:
    """The figures of one row, in the order of their periods."""
    found = [
        Known(period_of(period), value, STATUSES[status], numerator, denominator, version, provisional, revised, at)
        for period, value, status, numerator, denominator, version, provisional, revised, at in zip(
            *columns, strict=True
        )
    ]
    found.sort(key=lambda one: one.period.standing)
    return found


def versions_in(columns: tuple[Any, ...]) -> list[int]:
    """The versions of the definition its figures were recorded under."""
    versions: list[int] = columns[5]
    return versions


@lru_cache(maxsize=2)
def _statement(*, past: bool) -> Statement:
    column = figures(sa.bindparam("as_at", type_=sa.DateTime(timezone=True)) if past else None).c
    number: sa.Double[float] = sa.Double()
    listed = (
        column.period, sa.cast(column.value, number), column.value_status, sa.cast(column.numerator, number),
        sa.cast(column.denominator, number), column.definition_version, column.provisional, column.revised,
        column.recorded_at,
    )  # fmt: skip
    # Each pair for itself goes straight down the index, where grouping all rows would sort them first.
    indicator, area = (
        sa.func.unnest(sa.bindparam(f"{name}s", type_=ARRAY(sa.Text())))
        .table_valued("code", name=name)
        .render_derived()
        for name in ("indicator", "area")
    )
    series = (
        sa.select(*(sa.func.array_agg(one) for one in listed))
        .where(
            column.indicator == indicator.c.code,
            column.area == area.c.code,
            column.breakdown == sa.bindparam("breakdown", type_=sa.Text()),
        )
        .lateral("series")
    )
    edition = FRAMEWORK.subquery("framework")
    pairs = edition.join(indicator, sa.true()).join(area, sa.true()).join(series, sa.true())
    return Statement(
        sa.select(
            edition.c.edition, indicator.c.code.label("indicator"), area.c.code.label("area"), series
        ).select_from(pairs)
    )
