"""Figures in columns: of each indicator and area one row of lists, which are quick to read and to compare."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.indicator_api.models import figures
from services.indicator_api.series.known import Known, period_of
from services.indicator_api.series.queries import read_status
from shared.database import Database
from shared.statements import Statement
from shared.tables import framework_item

# By indicator and area: what PostgreSQL says of its figures, in no order.
Rows = dict[tuple[str, str], tuple[Any, ...]]
# Every change of an item raises its version and none is ever deleted: the same sum is the same framework.
FRAMEWORK = sa.select(sa.func.sum(framework_item.c.version).label("edition"))


async def fetch_columns(
    database: Database, indicators: Collection[str], areas: Collection[str], breakdown: str, as_at: datetime | None
) -> tuple[int, Rows]:
    """The edition of the framework and the figures as they stand or stood, both at the same moment."""
    given = {"indicators": sorted(indicators), "areas": sorted(areas), "breakdown": breakdown, "as_at": as_at}
    found = await database.fetch(_statement(past=as_at is not None), given)
    return found[0]["edition"], {(row["indicator"], row["area"]): row[3:] for row in found if row["area"] is not None}


def figures_of(columns: tuple[Any, ...]) -> list[Known]:
    """The figures of one row, in the order of their periods."""
    found = [
        Known(period_of(period), value, read_status(status), numerator, denominator, version, provisional, revised, at)
        for period, value, status, numerator, denominator, version, provisional, revised, at in zip(
            *columns, strict=True
        )
    ]
    found.sort(key=lambda one: (one.period.year, one.period.part))
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
    texts = ARRAY(sa.Text())
    grouped = (
        sa.select(column.indicator, column.area, *(sa.func.array_agg(one) for one in listed))
        .where(
            column.indicator == sa.any_(sa.bindparam("indicators", type_=texts)),
            column.area == sa.any_(sa.bindparam("areas", type_=texts)),
            column.breakdown == sa.bindparam("breakdown", type_=sa.Text()),
        )
        .group_by(column.indicator, column.area)
        .subquery("grouped")
    )
    edition = FRAMEWORK.subquery("framework")
    return Statement(sa.select(edition.c.edition, grouped).select_from(edition.outerjoin(grouped, sa.true())))
