"""How much is held of each kind, how much of it has been kept long enough, and what a hold stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.framework.store import read_items
from shared.privacy.holdings import Holdings, Kind
from shared.privacy.reach import key_of, on_hold

_STANDING = """
SELECT count(*) AS held, count(*) FILTER (WHERE due) AS due, count(*) FILTER (WHERE due AND stopped) AS stopped,
  min(day) FILTER (WHERE NOT due) AS next_day
FROM (SELECT day, stopped, day <= {limit} AS due
  FROM (SELECT ({day}) AS day, {held} AS stopped FROM {table} r) AS x) AS y
"""
_DUE = """
SELECT {key} AS key FROM {table} r
WHERE ({day}) <= {limit} AND NOT {held}
ORDER BY ({day}) LIMIT :most FOR UPDATE OF r SKIP LOCKED
"""
# All that was put in the place of `x`, one after the other: where one of them stays, what it replaced stays.
_LATER = """EXISTS (WITH RECURSIVE later AS (
    SELECT x.id UNION SELECT next.id FROM {table} next JOIN later ON next.{column} = later.id)
  SELECT FROM {table} r JOIN later ON later.id = r.id WHERE ({goes}) IS NOT TRUE)"""


@dataclass(frozen=True)
class Standing:
    """What is held of a kind: `due` has been kept long enough, and of that `stopped` is on hold. Nobody is named."""

    kind: Kind
    keep_years: int | None
    basis: str | None
    held: int
    due: int
    stopped: int
    next_due: date | None


async def read_periods(session: AsyncSession) -> Mapping[str, Mapping[str, Any]]:
    """The applied periods of retention, by code; a kind without one is kept."""
    return {one["code"]: one for one in await read_items(session, "retention")}


async def read_standing(session: AsyncSession, holdings: Holdings, today: date) -> list[Standing]:
    """Each kind's standing, in the order of the declaration."""
    periods = await read_periods(session)
    return [await _standing(session, holdings, one, periods, today) for one in holdings.kinds]


async def _standing(
    session: AsyncSession, holdings: Holdings, kind: Kind, periods: Mapping[str, Mapping[str, Any]], today: date
) -> Standing:
    day, years = _foreseen(holdings, kind, periods), _years(periods, kind)
    held = on_hold(holdings.metadata, kind)
    statement = _STANDING.format(day=day, limit=_limit(years), held=held, table=kind.table)
    given = {"today": today} if ":today" in statement else {}
    row = (await session.execute(sa.text(statement), given)).one()
    if years is None:
        return Standing(kind, None, None, row.held, 0, 0, None)
    next_due = None if row.next_day is None else _after(row.next_day, years)
    return Standing(kind, years, str(periods[kind.retention]["basis"]), row.held, row.due, row.stopped, next_due)


def _years(periods: Mapping[str, Mapping[str, Any]], kind: Kind) -> int | None:
    return int(periods[kind.retention]["keep_years"]) if kind.retention in periods else None


def _limit(years: int | None) -> str:
    """The last day from which the years are over. Counted back from today: of 29 February they are over on 1 March."""
    # Without a period nothing is ever due.
    return "NULL" if years is None else f"CAST(CAST(:today AS date) - make_interval(years => {years}) AS date)"


def _after(day: date, years: int) -> date | None:
    if day.year + years > MAXYEAR:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _goes(holdings: Holdings, kind: Kind, periods: Mapping[str, Mapping[str, Any]], day: str) -> str:
    return f"({day}) <= {_limit(_years(periods, kind))} AND NOT {on_hold(holdings.metadata, kind)}"


def _foreseen(holdings: Holdings, kind: Kind, periods: Mapping[str, Mapping[str, Any]]) -> str:
    """The day a record's period is counted from, once everything has left that a purge takes before it."""
    if kind.waits_for is None:
        return kind.day
    name, key = kind.waits_for
    other = holdings.kind(name)
    assert other is not None
    table = holdings.metadata.tables[other.table]
    if other is kind:
        (column,) = (one.name for one in table.columns if any(key.column.table is table for key in one.foreign_keys))
        goes = _goes(holdings, kind, periods, kind.counted_from.replace("{stays}", " AND false"))
        stays = _LATER.format(table=kind.table, column=column, goes=goes)
    else:
        keys = ", ".join(f"r.{one.name}" for one in table.primary_key)
        goes = _goes(holdings, other, periods, _foreseen(holdings, other, periods))
        stays = f"({key} IN (SELECT {keys} FROM {other.table} r WHERE {goes})) IS NOT TRUE"  # noqa: S608
    return kind.counted_from.replace("{stays}", f" AND {stays}")


async def lock_due(
    session: AsyncSession, holdings: Holdings, kind: Kind, years: int, today: date, most: int
) -> list[Any]:
    """The keys of the oldest records that are due and free of holds, locked until the transaction ends."""
    statement = _DUE.format(
        key=key_of(holdings.metadata.tables[kind.table], "r"), table=kind.table, day=kind.day, limit=_limit(years),
        held=on_hold(holdings.metadata, kind),
    )  # fmt: skip
    clause = sa.text(statement).columns(key=sa.dialects.postgresql.JSONB)
    return list((await session.execute(clause, {"today": today, "most": most})).scalars())
