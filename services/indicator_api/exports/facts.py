"""The table of figures, block by block in the order of its key, each block in a transaction of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import last_day, last_days
from services.indicator_api.exports.moments import Moment, begin_at, unseen
from services.indicator_api.models import figures
from services.indicator_api.places import readable
from services.indicator_api.series.known import FIGURES_SCOPE, period_of
from services.indicator_api.small_numbers.rows import protected
from shared.auth.caller import Caller
from shared.database import Database

BLOCK = 5_000
_KEY = ("indicator", "area", "period", "breakdown")
_NUMBERS = ("value", "numerator", "denominator")
_OTHERS = ("value_status", "provisional", "revised", "definition_version", "source_ref", "recorded_at")
Key = tuple[str, ...]


@dataclass(frozen=True)
class Extract:
    """What is taken out: from `figures(as_at)` of one moment, so that what is recorded meanwhile changes no block."""

    source: sa.FromClause
    threshold: int
    condition: sa.ColumnElement[bool]


async def read_block(
    session: AsyncSession,
    caller: Caller,
    extract: Extract,
    after: Key | None,
    limit: int,
    skip: int = 0,
    order: Sequence[sa.ColumnElement[Any]] = (),
) -> list[dict[str, Any]]:
    """Up to `limit` figures after a key, as this caller may see them; numbers are the text PostgreSQL keeps.

    They come in the order of the key, or in another and then in that.
    """
    source = extract.source
    key = [source.c[name] for name in _KEY]
    numbers = [sa.cast(source.c[name], sa.Text).label(name) for name in _NUMBERS]
    statement = sa.select(*key, *numbers, *(source.c[name] for name in _OTHERS))
    statement = statement.where(await _wanted(session, caller, extract))
    if after is not None:
        statement = statement.where(sa.tuple_(*key) > sa.tuple_(*(sa.literal(part) for part in after)))
    statement = statement.order_by(*order, *key).limit(limit).offset(skip or None)
    rows: Sequence[Any] = (await session.execute(statement)).mappings().all()
    if caller.may(FIGURES_SCOPE):
        return [_flat(dict(row)) for row in rows]
    return [_flat(row) for row in await protected(session, rows, extract.threshold)]


def with_ends(source: sa.FromClause) -> sa.FromClause:
    """The same figures, each with the last day of its period."""
    days = last_days()
    given = sa.literal(list(days), ARRAY(sa.Text)), sa.literal(list(days.values()), ARRAY(sa.Date))
    ends = sa.func.unnest(*given).table_valued("code", "day", name="ends").render_derived()
    columns = sa.select(*source.c, ends.c.day.label("period_end"))
    return columns.join_from(source, ends, ends.c.code == source.c.period).subquery("figures_with_ends")


async def count_figures(session: AsyncSession, caller: Caller, extract: Extract) -> int:
    """How many figures there are to be had, hidden numbers included."""
    wanted = await _wanted(session, caller, extract)
    counted = sa.select(sa.func.count()).select_from(extract.source).where(wanted)
    return int((await session.execute(counted)).scalar_one())


async def _wanted(session: AsyncSession, caller: Caller, extract: Extract) -> sa.ColumnElement[bool]:
    return sa.and_(await readable(session, caller, extract.source.c.area), extract.condition)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "place": row["area"], "period_end": last_day(period_of(row["period"]))}


def key_of(row: dict[str, Any]) -> Key:
    return tuple(row[name] for name in _KEY)


async def all_blocks(
    database: Database, caller: Caller, at: datetime, extract_of: Callable[[sa.FromClause], Extract]
) -> AsyncIterator[list[dict[str, Any]]]:
    """Every figure of one moment; nothing is held open while a block is on its way to a slow client."""
    moment: Moment | None = None
    after: Key | None = None
    while True:
        async with database.snapshot() as session:
            late = await unseen(session, moment) if moment else ()
            moment = moment or await begin_at(session, at)
            block = await read_block(session, caller, extract_of(figures(at, late)), after, BLOCK)
        yield block
        if len(block) < BLOCK:
            return
        after = key_of(block[-1])
