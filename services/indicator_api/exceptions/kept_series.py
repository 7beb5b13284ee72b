"""What is kept of a few series, with the periods they have figures of: read at once, before they are judged again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import asyncpg

from services.indicator_api.exceptions.frame import Pair

# An exception as it is stored: indicator, place, trigger, direction, status, since when, first period, favourable, row.
Row = tuple[str, str, str, str, str, datetime, str, bool | None, str]

# The arrays come by way of a subquery, so that this is planned once: for arrays whose length it is shown PostgreSQL
# makes a plan each time, which takes longer than to find a handful of series.
_KEPT = """
WITH settled AS (DELETE FROM exception_stale WHERE id = ANY ((SELECT $3::bigint[])::bigint[]))
SELECT w.indicator, w.area,
       EXISTS (SELECT FROM exception_place p
                WHERE p.area = w.area COLLATE "C" AND w.indicator = ANY (p.indicators)) AS counted,
       EXISTS (SELECT FROM exception_sum s
                WHERE s.indicator = w.indicator COLLATE "C" AND s.area = w.area COLLATE "C") AS summed,
       ARRAY (SELECT o.period FROM observation o
               WHERE o.indicator = w.indicator COLLATE "C" AND o.area = w.area COLLATE "C"
                 AND o.breakdown = '') AS periods,
       ARRAY (SELECT (r.indicator, r.area, r.trigger, r.direction, r.status, r.raised_at, r.first_period, r.favourable,
                      r.row)
                FROM exception_row r
               WHERE r.indicator = w.indicator COLLATE "C" AND r.area = w.area COLLATE "C") AS rows
  FROM unnest((SELECT $1::text[]), (SELECT $2::text[])) AS w (indicator, area)
"""


class KeptSeries(NamedTuple):
    """What is kept of one series, and the periods of its own figures as they stand.

    `counted` is whether there was anything to examine, `summed` whether units were added up when it was judged last.
    """

    counted: bool
    summed: bool
    periods: frozenset[str]
    rows: frozenset[Row]


async def take_up(
    connection: asyncpg.Connection, pairs: Collection[Pair], marks: Collection[int]
) -> dict[Pair, KeptSeries]:
    """What is kept of each of the pairs; the marks that ask for them are taken away, and come back after a fault."""
    found = await connection.fetch(_KEPT, [one for one, _ in pairs], [area for _, area in pairs], marks)
    return {
        (indicator, area): KeptSeries(counted, summed, frozenset(periods), frozenset(rows))
        for indicator, area, counted, summed, periods, rows in found
    }
