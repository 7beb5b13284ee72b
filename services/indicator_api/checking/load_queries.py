"""A load beside the period before, asked of the database: stored figures, or ones that are not stored yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.checking.figures import Series, Stretch, grouped, stretches, texts, within
from services.indicator_api.models import metadata

_now = metadata.tables["observation"]
KEY = ("indicator", "area", "period", "breakdown")
_FIGURE = ("numerator", "denominator", "value", "value_status", "definition_version", "provisional")
COLUMNS = (*KEY, *_FIGURE)
# The figures of a file as its reader puts them down for the time of one transaction, each key once.
loading = sa.table("loading", *(sa.column(name) for name in ("row", *COLUMNS)))
BIGGEST = 10


class Pair(NamedTuple):
    """An indicator's latest period of a load, and the one before it."""

    indicator: str
    period: str
    previous: str


@dataclass(frozen=True)
class Source:
    """The figures of the load, and the world as it is once they are stored."""

    loaded: sa.FromClause
    world: sa.FromClause


def stored() -> Source:
    """Figures that are stored already."""
    return Source(_now, _now)


def incoming() -> Source:
    """Figures of a file, which take the place of those stored under their keys."""
    same = sa.and_(*(loading.c[name] == _now.c[name] for name in KEY))
    kept = sa.select(*(_now.c[name] for name in COLUMNS)).where(~sa.exists().where(same))
    world = sa.union_all(sa.select(*(loading.c[name] for name in COLUMNS)), kept)
    return Source(loading, world.subquery("world"))


def _pairs(pairs: Collection[Pair]) -> sa.TableValuedAlias:
    arrays = [texts(list(column)) for column in zip(*sorted(pairs), strict=True)]
    return sa.func.unnest(*arrays).table_valued(*Pair._fields, name="pairs").render_derived()


def _at(table: sa.FromClause, pairs: sa.FromClause, period: str, areas: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.indicator == pairs.c.indicator,
        table.c.period == pairs.c[period],
        table.c.area == sa.any_(texts(sorted(areas))),
    )


async def read_latest(
    session: AsyncSession, source: Source, wanted: Collection[Stretch], areas: Collection[str]
) -> dict[str, str]:
    """The latest period of each indicator within the stretches."""
    if not wanted:
        return {}
    named, table = stretches(wanted), source.loaded
    statement = (
        sa.select(table.c.indicator, sa.func.max(table.c.period).label("latest"))
        .join_from(named, table, within(table, named))
        .where(table.c.area == sa.any_(texts(sorted(areas))))
        .group_by(table.c.indicator)
    )
    return {row.indicator: row.latest for row in (await session.execute(statement)).all()}


async def read_places(
    session: AsyncSession, source: Source, pairs: Collection[Pair], areas: Collection[str]
) -> list[sa.Row[Any]]:
    """For each indicator and place how many figures the load, the period and the period before have."""
    asked = _pairs(pairs)
    sides = [(source.loaded, "period"), (source.world, "period"), (source.world, "previous")]
    every = sa.union_all(
        *(
            sa.select(table.c.indicator, table.c.area, sa.literal(side).label("side")).join_from(
                asked, table, _at(table, asked, period, areas)
            )
            for side, (table, period) in enumerate(sides)
        )
    ).subquery("every")
    counts = [sa.func.count().filter(every.c.side == side) for side in range(len(sides))]
    columns = (every.c.indicator, every.c.area)
    statement = sa.select(*columns, *(one.label(f"side{side}") for side, one in enumerate(counts)))
    return list((await session.execute(statement.group_by(*columns).order_by(*columns))).all())


async def read_moves(
    session: AsyncSession, source: Source, pairs: Collection[Pair], areas: Collection[str]
) -> list[sa.Row[Any]]:
    """The biggest moves of each indicator from the period before, by share of the figure before."""
    asked, now = _pairs(pairs), source.loaded
    number: sa.Double[float] = sa.Double()
    before = source.world.alias("before") if isinstance(source.world, sa.Table) else source.world
    after_value, before_value = sa.cast(now.c.value, number), sa.cast(before.c.value, number)
    change = after_value - before_value
    share = sa.func.abs(change) / sa.func.nullif(sa.func.abs(before_value), 0)
    order = (share.desc().nulls_last(), sa.func.abs(change).desc(), now.c.area, now.c.breakdown)
    place = sa.func.row_number().over(partition_by=now.c.indicator, order_by=order).label("place")
    same = [now.c[name] == before.c[name] for name in ("indicator", "area", "breakdown")]
    ranked = (
        sa.select(
            now.c.indicator, now.c.area, now.c.breakdown, before_value.label("before"), after_value.label("after"),
            place,
        )
        .join_from(asked, now, _at(now, asked, "period", areas))
        .join(before, sa.and_(*same, before.c.period == asked.c.previous))
        .where(change != 0)
        .subquery("ranked")
    )  # fmt: skip
    statement = sa.select(ranked).where(ranked.c.place <= BIGGEST).order_by(ranked.c.indicator, ranked.c.place)
    return list((await session.execute(statement)).all())


async def read_world(session: AsyncSession, source: Source, stretch: Stretch, areas: Sequence[str]) -> Series:
    """The series of one indicator as they would be with the load."""
    table, named = source.world, stretches({stretch})
    number: sa.Double[float] = sa.Double()
    statement = (
        sa.select(
            table.c.indicator, table.c.area, table.c.breakdown, table.c.period, sa.cast(table.c.value, number),
            table.c.value_status, sa.cast(table.c.numerator, number), sa.cast(table.c.denominator, number),
            table.c.definition_version, table.c.provisional,
        )
        .join_from(named, table, within(table, named))
        .where(table.c.area == sa.any_(texts(areas)))
        .order_by(table.c.area, table.c.period, table.c.breakdown)
    )  # fmt: skip
    return grouped((await session.execute(statement)).all())
