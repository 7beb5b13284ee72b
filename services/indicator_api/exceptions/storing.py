"""Writes what is kept: all of it anew, or a few series; what stands on keeps the day it was raised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from services.indicator_api.exceptions.service import Examined
from shared.schemas.exceptions import ExceptionOut

_COLUMNS = ("indicator", "area", "trigger", "direction", "status", "favourable", "raised_at", "first_period", "row")
_KEPT = "SELECT indicator, area, trigger, direction, status, raised_at, first_period FROM exception_row"
_OF_PAIRS = """
WITH pairs AS (SELECT i COLLATE "C" AS indicator, a COLLATE "C" AS area
                 FROM unnest($1::text[], $2::text[]) AS u (i, a)),
marks AS (DELETE FROM exception_stale WHERE id = ANY ($3::bigint[])),
places AS (
  UPDATE exception_place p SET indicators = p.indicators || ARRAY (
           SELECT w.i FROM unnest($4::text[], $5::text[]) AS w (i, a)
            WHERE w.a = p.area AND NOT w.i = ANY (p.indicators))
   WHERE p.area = ANY ($5::text[]))
DELETE FROM exception_row r USING pairs WHERE r.indicator = pairs.indicator AND r.area = pairs.area
RETURNING r.indicator, r.area, r.trigger, r.direction, r.status, r.raised_at, r.first_period
"""
_INSERT = """
INSERT INTO exception_row (indicator, area, trigger, direction, status, favourable, raised_at, first_period, row)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[],
                     $8::text[], $9::text[])
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


def raised_before(rows: Iterable[Any]) -> dict[Sign, Raised]:
    """Of each exception kept so far since when it stands, or stood."""
    return {
        (row["indicator"], row["area"], row["trigger"], row["direction"]): Raised(
            row["raised_at"], row["first_period"], row["status"] == "resolved"
        )
        for row in rows
    }


async def store_some(
    connection: asyncpg.Connection, examined: Sequence[Examined], marks: list[int], now: datetime
) -> None:
    """Replace the rows of the series examined, and take away the marks that asked for it."""
    counted = [one.pair for one in examined if one.counted]
    gone = await connection.fetch(
        _OF_PAIRS,
        [one.pair[0] for one in examined],
        [one.pair[1] for one in examined],
        marks,
        [indicator for indicator, _ in counted],
        [place for _, place in counted],
    )
    records = list(_records(examined, raised_before(gone), now))
    if records:
        await connection.execute(_INSERT, *map(list, zip(*records, strict=True)))


async def store_all(
    connection: asyncpg.Connection,
    kept: tuple[str, int, datetime],
    places: Collection[str],
    counted: Mapping[str, Collection[str]],
    examined: Sequence[Examined],
    marks: list[int],
) -> None:
    """Put everything anew: `kept` is the month, the edition and the moment, `marks` are settled by it."""
    before = raised_before(await connection.fetch(_KEPT))
    await connection.execute("DELETE FROM exception_row")
    await connection.execute("DELETE FROM exception_place")
    await connection.execute("DELETE FROM exception_stale WHERE id = ANY ($1::bigint[])", marks)
    await connection.execute(_MONTH, *kept)
    await connection.copy_records_to_table(
        "exception_place", records=[(area, sorted(counted.get(area, ()))) for area in places]
    )
    await connection.copy_records_to_table(
        "exception_row", records=list(_records(examined, before, kept[2])), columns=_COLUMNS
    )


def _records(examined: Iterable[Examined], before: Mapping[Sign, Raised], now: datetime) -> Iterable[tuple[Any, ...]]:
    for one in examined:
        for row in one.rows:
            sign = (row.indicator, row.area, row.trigger, row.direction)
            since = before.get(sign)
            # What was over and stands again begins anew.
            if since is None or (since.over and row.status != "resolved"):
                since = Raised(now, row.period, False)
            yield (*sign, row.status, row.favourable, since.at, since.period, as_text(row))
