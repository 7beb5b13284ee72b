"""Reading figures, as they stand and as they stood, and the imports they came by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import FIGURE_COLUMNS, figures, metadata
from services.indicator_api.places import present_codes, readable
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.paging import Cursor, cursor_key
from shared.problems import Fault, Malformed
from shared.schemas.periods import Period
from shared.tables import framework_item

Figure = dict[str, Any]

_now, _past = metadata.tables["observation"], metadata.tables["observation_history"]
_import = metadata.tables["observation_import"]
_KEY = ("indicator", "area", "period", "breakdown")
# Numbers travel as the text PostgreSQL keeps, so that 65.0 comes back as 65.0.
_NUMBERS = ("numerator", "denominator", "value")


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


def key_of(figure: Figure) -> tuple[Any, ...]:
    return tuple(figure[name] for name in _KEY)


def _columns(source: sa.FromClause) -> list[Any]:
    return [
        sa.cast(source.c[name], sa.Text).label(name) if name in _NUMBERS else source.c[name] for name in FIGURE_COLUMNS
    ]


def _between(column: sa.ColumnElement[str], first: str | None, last: str | None) -> Any:
    """Periods of one kind in order: their codes have one length and beginning, and sort as they follow each other."""
    if first is None and last is None:
        return sa.true()
    if first and last and (Period.parse(first).kind is not Period.parse(last).kind or first > last):
        detail = "give two periods of one kind, the earlier one first"
        raise Malformed("The periods do not go together.", errors=[Fault("/query/from", "period_range", detail)])
    given = first or last or ""
    letters = given[:2] if given[0].isalpha() else ""
    lowest, highest = first or letters, last or f"{letters}~"
    return sa.and_(sa.func.length(column) == len(given), column >= lowest, column <= highest)


async def list_figures(session: AsyncSession, caller: Caller, wanted: Wanted, at: Cursor) -> list[Figure]:
    """A page of the figures this caller may see, in order of their key; one row more than the page."""
    source = figures(wanted.as_at)
    key = [source.c[name] for name in _KEY]
    statement = sa.select(*_columns(source)).where(await readable(session, caller, source.c.area))
    if wanted.areas:
        statement = statement.where(source.c.area.in_(await present_codes(session, list(wanted.areas))))
    if wanted.indicators:
        statement = statement.where(source.c.indicator.in_(wanted.indicators))
    elif wanted.areas:
        # The key begins with the indicator: named one by one, the index leads to an area's rows all the same.
        every = sa.select(framework_item.c.code).where(framework_item.c.kind == "indicators")
        codes = list((await session.execute(every)).scalars())
        statement = statement.where(source.c.indicator.in_(codes))
    if wanted.period is not None:
        statement = statement.where(source.c.period == wanted.period)
    if wanted.breakdown is not None:
        statement = statement.where(source.c.breakdown == wanted.breakdown)
    statement = statement.where(_between(source.c.period, wanted.first, wanted.last))
    if at.after is not None:
        statement = statement.where(sa.tuple_(*key) > sa.tuple_(*(sa.literal(part) for part in at.after)))
    rows = await session.execute(statement.order_by(*key).limit(at.fetch))
    return [dict(row) for row in rows.mappings()]


async def find_figure(session: AsyncSession, key: Sequence[str]) -> Figure:
    """The figure that stands under a key known to be there."""
    statement = sa.select(*_columns(_now)).where(*(_now.c[name] == part for name, part in zip(_KEY, key, strict=True)))
    return dict((await session.execute(statement)).mappings().one())


async def list_history(
    session: AsyncSession, caller: Caller, key: Sequence[str], at: Cursor, *, past: bool
) -> list[Figure]:
    """A page of every value a key ever had, the latest first; without its past only the one it has."""
    area = (await present_codes(session, [key[1]]))[0]
    parts = dict(zip(_KEY, (key[0], area, *key[2:]), strict=True))
    standing = sa.select(
        *_columns(_now),
        sa.null().cast(sa.DateTime(timezone=True)).label("superseded_at"),
        sa.null().cast(sa.Uuid).label("superseded_by"),
    ).where(*(_now.c[name] == part for name, part in parts.items()))
    superseded = sa.select(*_columns(_past), _past.c.superseded_at, _past.c.superseded_by).where(
        *(_past.c[name] == part for name, part in parts.items())
    )
    every = (sa.union_all(standing, superseded) if past else standing).subquery("every")
    statement = (
        sa.select(every, _import.c.recorded_by)
        .outerjoin(_import, _import.c.id == every.c.import_id)
        .where(await readable(session, caller, every.c.area))
        .order_by(every.c.revision.desc())
        .limit(at.fetch)
    )
    if at.after is not None:
        statement = statement.where(every.c.revision < at.after[0])
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def list_imports(session: AsyncSession, caller: Caller, at: Cursor) -> list[sa.Row[Any]]:
    """A page of the imports this caller may see, the latest first."""
    statement = sa.select(_import).order_by(_import.c.id.desc()).limit(at.fetch)
    if at.after is not None:
        statement = statement.where(_import.c.id < cursor_key(at.after, UUID)[0])
    allowed = await visible_units(session, caller)
    if allowed is not None:
        statement = statement.where(_import.c.unit.in_(sorted(allowed)))
    return list((await session.execute(statement)).all())


async def find_import(session: AsyncSession, caller: Caller, import_id: UUID) -> sa.Row[Any] | None:
    """One import; None where there is none this caller may see."""
    row = (await session.execute(sa.select(_import).where(_import.c.id == import_id))).one_or_none()
    allowed = await visible_units(session, caller)
    return row if row is not None and (allowed is None or row.unit in allowed) else None
