"""How much is held of each kind, how much of it has been kept long enough, and what a hold stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.framework.store import read_items
from shared.privacy.holdings import Holdings, Kind
from shared.privacy.reach import key_of, on_hold

_STANDING = """
SELECT count(*) AS held, count(*) FILTER (WHERE due <= :today) AS due,
  count(*) FILTER (WHERE due <= :today AND stopped) AS stopped, min(due) FILTER (WHERE due > :today) AS next_due
FROM (SELECT CAST(({day}) + make_interval(years => :years) AS date) AS due, {held} AS stopped FROM {table} r) AS x
"""
_DUE = """
SELECT {key} AS key FROM {table} r
WHERE CAST(({day}) + make_interval(years => :years) AS date) <= :today AND NOT {held}
ORDER BY ({day}) LIMIT :most FOR UPDATE OF r SKIP LOCKED
"""


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
    return [await _standing(session, holdings, one, periods.get(one.retention), today) for one in holdings.kinds]


async def _standing(
    session: AsyncSession, holdings: Holdings, kind: Kind, period: Mapping[str, Any] | None, today: date
) -> Standing:
    held = on_hold(holdings.metadata, kind)
    statement = _STANDING.format(day=kind.counted_from, held=held, table=kind.table)
    # Without a period nothing is ever due: years that no record reaches.
    years = 1000 if period is None else int(period["keep_years"])
    row = (await session.execute(sa.text(statement), {"today": today, "years": years})).one()
    if period is None:
        return Standing(kind, None, None, row.held, 0, 0, None)
    return Standing(kind, years, str(period["basis"]), row.held, row.due, row.stopped, row.next_due)


async def lock_due(
    session: AsyncSession, holdings: Holdings, kind: Kind, years: int, today: date, most: int
) -> list[Any]:
    """The keys of the oldest records that are due and free of holds, locked until the transaction ends."""
    statement = _DUE.format(
        key=key_of(holdings.metadata.tables[kind.table], "r"), table=kind.table, day=kind.counted_from,
        held=on_hold(holdings.metadata, kind),
    )  # fmt: skip
    given = {"today": today, "years": years, "most": most}
    clause = sa.text(statement).columns(key=sa.dialects.postgresql.JSONB)
    return list((await session.execute(clause, given)).scalars())
