"""Keeps the exceptions of callers whose small numbers are hidden, an indicator at a time, beside the true ones.

What is hidden of one figure follows from all figures of its indicator, so an indicator is kept for every place or for
none. The database marks each indicator of which a figure changed; a reader takes nothing of those from here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import last_complete_month
from services.indicator_api.exceptions.frame import Frame, scope_of
from services.indicator_api.exceptions.keeping import State, kept_frame, read_state
from services.indicator_api.exceptions.reading import read_alone
from services.indicator_api.exceptions.service import Examined, examine
from services.indicator_api.exceptions.stale import with_made_of
from services.indicator_api.exceptions.storing import as_text
from services.indicator_api.series.known import Veil
from shared.clock import local_date
from shared.database import driver_connection
from shared.schemas.periods import Period

_LOCK = 0x45585052
_CHANGED = "DELETE FROM exception_protected_stale RETURNING indicator"
_NO_MORE = "DELETE FROM exception_protected WHERE indicator = ANY ($1::text[])"
_DUE = """
SELECT i FROM unnest($1::text[]) AS u (i) WHERE NOT EXISTS (
  SELECT FROM exception_protected p
   WHERE p.indicator = i COLLATE "C" AND (p.month, p.edition, p.threshold) = ($2, $3::bigint, $4::integer)) LIMIT 1
"""
_KEEP = """
INSERT INTO exception_protected (indicator, month, edition, threshold, areas) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (indicator) DO UPDATE SET month = excluded.month, edition = excluded.edition,
  threshold = excluded.threshold, areas = excluded.areas
"""
_READY = """
SELECT indicator, areas, ARRAY (SELECT DISTINCT indicator FROM exception_protected_stale) AS stale
  FROM exception_protected WHERE month = $1 AND edition = $2 AND threshold = $3
"""
_ROWS = """
SELECT indicator, area, trigger, direction, status, favourable, row FROM exception_protected_row
 WHERE area = ANY ($1::text[]) AND indicator = ANY ($2::text[])
"""
_COLUMNS = ("indicator", "area", "trigger", "direction", "status", "favourable", "row")


@dataclass(frozen=True)
class Protected:
    """What is ready: of which indicators, which of them each place had to examine, and the rows."""

    indicators: frozenset[str] = frozenset()
    examined: dict[str, set[str]] = field(default_factory=dict)
    rows: list[asyncpg.Record] = field(default_factory=list)


async def read_protected(
    session: AsyncSession, frame: Frame, state: State, threshold: int, places: Collection[str]
) -> Protected:
    """What is kept of the places under the month, the framework and the threshold that hold now."""
    connection = await driver_connection(session)
    kept = await connection.fetch(_READY, state.month, state.edition_now, threshold)
    if not kept:
        return Protected()
    stale = with_made_of(frame, kept[0]["stale"])
    ready = {row["indicator"]: row["areas"] for row in kept if row["indicator"] not in stale}
    examined: dict[str, set[str]] = {place: set() for place in places}
    for indicator, areas in ready.items():
        for area in examined.keys() & areas:
            examined[area].add(indicator)
    rows = await connection.fetch(_ROWS, sorted(places), sorted(ready))
    return Protected(frozenset(ready), examined, rows)


async def keep_next(session: AsyncSession, now: datetime, threshold: int) -> bool:
    """Keep one more indicator; False where none is due, another keeper is at work or the true ones are not kept yet."""
    connection = await driver_connection(session)
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
        return False
    state, month = await read_state(connection, 1), last_complete_month(local_date(now))
    if not state.holds(month):
        return False
    frame = await kept_frame(session, state.edition_now)
    # What changes from here on leaves marks that are not seen here and stay.
    changed = {row["indicator"] for row in await connection.fetch(_CHANGED)}
    await connection.execute(_NO_MORE, sorted(with_made_of(frame, changed)))
    hidden = [code for code in frame.definitions if frame.is_hidden(code)]
    due = await connection.fetchval(_DUE, hidden, month.code, state.edition_now, threshold)
    if due is None:
        return False
    scope = scope_of(month, local_date(now), Veil(lifted=False, threshold=threshold))
    pairs = [(due, place) for place in frame.known.places]
    found = await examine(session, frame, scope, pairs, alone=await read_alone(session, frame, pairs))
    await _store(connection, due, (month, state.edition_now, threshold), found)
    return True


async def _store(
    connection: asyncpg.Connection, indicator: str, under: tuple[Period, int, int], found: Iterable[Examined]
) -> None:
    month, edition, threshold = under
    examined = list(found)
    areas = [one.pair[1] for one in examined if one.counted]
    await connection.execute("DELETE FROM exception_protected_row WHERE indicator = $1", indicator)
    await connection.execute(_KEEP, indicator, month.code, edition, threshold, areas)
    await connection.copy_records_to_table(
        "exception_protected_row", records=list(_records(examined)), columns=_COLUMNS
    )


def _records(examined: Iterable[Examined]) -> Iterable[tuple[Any, ...]]:
    for one in examined:
        for row in one.rows:
            yield row.indicator, row.area, row.trigger, row.direction, row.status, row.favourable, as_text(row)
