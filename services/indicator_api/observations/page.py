"""A page of figures in one statement: which are asked for, and the rows in the order of their key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import figures
from services.indicator_api.observations.queries import KEY, Figure, columns_of
from services.indicator_api.observations.rendering import WRITTEN
from services.indicator_api.places import area, as_stored, seen_from
from shared.auth.caller import Caller
from shared.database import Database, driver_connection
from shared.paging import Cursor
from shared.problems import Fault, Malformed
from shared.schemas.periods import Period
from shared.statements import Statement
from shared.tables import framework_item, org_unit


@dataclass(frozen=True)
class Wanted:
    """Which figures are asked for; None leaves a filter open, breakdown '' is the total."""

    indicators: Sequence[str] = ()
    areas: Sequence[str] = ()
    period: str | None = None
    first: str | None = None
    last: str | None = None
    breakdown: str | None = None
    as_at: datetime | None = None

    def values(self, caller: Caller, at: Cursor) -> dict[str, Any]:
        """What the statement is given; raises Malformed for periods that do not go together."""
        found = {
            "indicators": list(self.indicators) or None,
            "areas": list(self.areas) or None,
            "period": self.period,
            "breakdown": self.breakdown,
            "as_at": self.as_at,
            "unit": caller.unit,
            **_between(self.first, self.last),
            **(dict(zip(_AFTER, at.after, strict=True)) if at.after is not None else {}),
            "fetch": at.fetch,
        }
        return {name: value for name, value in found.items() if value is not None}


_AFTER = tuple(f"after_{name}" for name in KEY)


def _between(first: str | None, last: str | None) -> dict[str, Any]:
    """Periods of one kind in order: their codes have one length and beginning, and sort as they follow each other."""
    if first is None and last is None:
        return {}
    if first and last and (Period.parse(first).kind is not Period.parse(last).kind or first > last):
        detail = "give two periods of one kind, the earlier one first"
        raise Malformed("The periods do not go together.", errors=[Fault("/query/from", "period_range", detail)])
    given = first or last or ""
    letters = given[:2] if given[0].isalpha() else ""
    return {"lowest": first or letters, "highest": last or f"{letters}~", "length": len(given)}


def key_of(figure: Figure) -> tuple[Any, ...]:
    return tuple(figure[name] for name in KEY)


async def fetch_written(database: Database, caller: Caller, wanted: Wanted, at: Cursor) -> Sequence[asyncpg.Record]:
    """The page for a caller who may see true figures: each row its key and its JSON; one row more than the page."""
    given = wanted.values(caller, at)
    return await database.fetch(_statement(frozenset(given), written=True), given)


async def list_figures(session: AsyncSession, caller: Caller, wanted: Wanted, at: Cursor) -> list[Figure]:
    """The page as figures, from which small numbers are still to be hidden; one row more than the page."""
    given = wanted.values(caller, at)
    statement = _statement(frozenset(given), written=False)
    connection = await driver_connection(session)
    return [dict(row) for row in await connection.fetch(statement.text, *statement.values(given))]


@lru_cache(maxsize=1_024)
def _statement(given: frozenset[str], *, written: bool) -> Statement:
    """The statement for these parameters, compiled once."""
    source = figures(_asked("as_at", sa.DateTime(timezone=True)) if "as_at" in given else None)
    key = [source.c[name] for name in KEY]
    columns = [*key, WRITTEN.label("written")] if written else columns_of(source)
    statement = sa.select(*columns).where(*_conditions(source, given))
    if "after_area" in given:
        statement = statement.where(sa.tuple_(*key) > sa.tuple_(*(_asked(name) for name in _AFTER)))
    return Statement(statement.order_by(*key).limit(_asked("fetch", sa.Integer())))


def _conditions(source: sa.FromClause, given: frozenset[str]) -> list[sa.ColumnElement[bool]]:
    column = source.c
    found: list[sa.ColumnElement[bool]] = []
    if "unit" in given:
        found.append(seen_from(column.area, _asked("unit")))
    # The key is by indicator, area, period: where an earlier part is left open and a later one is named, all codes are
    # named too, and the index leads to the rows all the same. A range of periods it finds by itself.
    if "areas" in given:
        found.append(column.area == sa.any_(as_stored(_asked("areas", ARRAY(sa.Text())))))
    elif "period" in given:
        found.append(column.area == sa.any_(_codes(sa.union_all(sa.select(area.c.code), sa.select(org_unit.c.code)))))
    if "indicators" in given:
        found.append(column.indicator == sa.any_(_asked("indicators", ARRAY(sa.Text()))))
    elif given & {"areas", "period"}:
        every = sa.select(framework_item.c.code).where(framework_item.c.kind == "indicators")
        found.append(column.indicator == sa.any_(_codes(every)))
    found += [column[name] == _asked(name) for name in ("period", "breakdown") if name in given]
    if "length" in given:
        found.append(sa.func.length(column.period) == _asked("length", sa.Integer()))
        found.append(column.period.between(_asked("lowest"), _asked("highest")))
    return found


def _codes(every: sa.Select[Any] | sa.CompoundSelect[Any]) -> sa.ColumnElement[Any]:
    return sa.func.array(every.scalar_subquery())


def _asked(name: str, kind: sa.types.TypeEngine[Any] | None = None) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind or sa.Text())
