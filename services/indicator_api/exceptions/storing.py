"""Writes what is kept: all of it anew, or a few series; what stands on keeps the day it was raised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import asyncpg

from services.indicator_api.exceptions.frame import Pair
from services.indicator_api.exceptions.kept_series import KeptSeries, Row
from services.indicator_api.exceptions.service import Examined
from services.indicator_api.exceptions.survey import Survey
from shared.schemas.exceptions import ExceptionOut

COLUMNS = ("indicator", "area", "trigger", "direction", "status", "raised_at", "first_period", "favourable", "row")
_KEPT = "SELECT indicator, area, trigger, direction, status, raised_at, first_period FROM exception_row"
_NOTHING = "DELETE FROM exception_row; DELETE FROM exception_place; DELETE FROM exception_sum"
# Arrays come by way of a subquery, as in `kept_series`.
_NO_MORE = """
DELETE FROM exception_row r USING unnest((SELECT $1::text[]), (SELECT $2::text[])) AS w (i, a)
 WHERE r.indicator = w.i COLLATE "C" AND r.area = w.a COLLATE "C"
"""
_INSERT = """
INSERT INTO exception_row (indicator, area, trigger, direction, status, raised_at, first_period, favourable, row)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
                     $8::boolean[], $9::text[])
"""
_COUNTED = """
UPDATE exception_place p
   SET indicators = p.indicators
                    || ARRAY (SELECT w.i FROM unnest($1::text[], $2::text[]) AS w (i, a) WHERE w.a = p.area)
 WHERE p.area = ANY ($2::text[])
"""
_SUMS = "INSERT INTO exception_sum (indicator, area) SELECT * FROM unnest($1::text[], $2::text[])"
_NO_SUMS = """
DELETE FROM exception_sum s USING unnest($1::text[], $2::text[]) AS w (i, a)
 WHERE s.indicator = w.i COLLATE "C" AND s.area = w.a COLLATE "C"
"""
_MONTH = """
INSERT INTO exception_month (id, month, edition, kept_at) VALUES (1, $1, $2, $3)
ON CONFLICT (id) DO UPDATE SET month = excluded.month, edition = excluded.edition, kept_at = excluded.kept_at
"""
# What is told apart for each caller and day is not part of a row as it is kept.
_TOLD_LATER = {"raised_at", "first_raised_period", "unanswered_days", "answered", "allowed_actions"}

Sign = tuple[str, str, str, str]


class Raised(NamedTuple):
    """Since when an exception has stood, the period of the figure that first raised it, and whether it is over."""

    at: datetime
    period: str
    over: bool


def as_text(row: ExceptionOut) -> str:
    """A row in JSON, without what depends on who asks and when."""
    return row.model_dump_json(exclude=_TOLD_LATER)


def key_in(text: str) -> str:
    """The key a row in JSON begins with."""
    return text.split('"', 4)[3]


async def store_some(
    connection: asyncpg.Connection,
    kept: Mapping[Pair, KeptSeries],
    examined: Sequence[Examined],
    sums: Collection[Pair],
    now: datetime,
) -> None:
    """Put right what is kept of the series examined where it is no longer so; `sums` are those that add up units."""
    before = raised_before(chain.from_iterable(kept[one.pair].rows for one in examined))
    anew = {one.pair: list(_records([one], before, now)) for one in examined}
    for pair in [pair for pair, rows in anew.items() if kept[pair].rows == set(rows)]:
        del anew[pair]
    await _write(connection, _NO_MORE, anew)
    await _write(connection, _INSERT, list(chain.from_iterable(anew.values())))
    await _write(connection, _COUNTED, [one.pair for one in examined if one.counted and not kept[one.pair].counted])
    await _write(connection, _SUMS, [pair for pair in sums if not kept[pair].summed])
    await _write(connection, _NO_SUMS, [one.pair for one in examined if kept[one.pair].summed and one.pair not in sums])


async def _write(connection: asyncpg.Connection, statement: str, rows: Collection[tuple[Any, ...]]) -> None:
    """The statement on the columns of the rows, if there are any."""
    if rows:
        await connection.execute(statement, *map(list, zip(*rows, strict=True)))


async def store_all(
    connection: asyncpg.Connection,
    kept: tuple[str, int, datetime],
    places: Collection[str],
    found: Survey,
    examined: Sequence[Examined],
    marks: list[int],
) -> None:
    """Put everything anew: `kept` is the month, the edition and the moment, `marks` are settled by it."""
    before = raised_before(await connection.fetch(_KEPT))
    await connection.execute(_NOTHING)
    await connection.execute("DELETE FROM exception_stale WHERE id = ANY ($1::bigint[])", marks)
    await connection.execute(_MONTH, *kept)
    await connection.copy_records_to_table(
        "exception_place", records=[(area, sorted(found.counted.get(area, ()))) for area in places]
    )
    await connection.copy_records_to_table("exception_sum", records=list(found.sums))
    await connection.copy_records_to_table(
        "exception_row", records=list(_records(examined, before, kept[2])), columns=COLUMNS
    )


def raised_before(rows: Iterable[Sequence[Any]]) -> dict[Sign, Raised]:
    """Of each exception kept so far since when it stands, or stood."""
    return {
        (indicator, area, trigger, direction): Raised(raised_at, first_period, status == "resolved")
        for indicator, area, trigger, direction, status, raised_at, first_period, *_ in rows
    }


def _records(examined: Iterable[Examined], before: Mapping[Sign, Raised], now: datetime) -> Iterable[Row]:
    for one in examined:
        for row in one.rows:
            sign = (row.indicator, row.area, row.trigger, row.direction)
            since = before.get(sign)
            # What was over and stands again begins anew.
            if since is None or (since.over and row.status != "resolved"):
                since = Raised(now, row.period, False)
            yield (*sign, row.status, since.at, since.period, row.favourable, as_text(row))
