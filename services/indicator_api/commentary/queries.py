"""Reading commentary and requests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.commentary.subjects import Key
from services.indicator_api.models import metadata
from services.indicator_api.places import present_codes, readable
from shared.auth.caller import Caller
from shared.paging import Cursor

commentary, request = metadata.tables["commentary"], metadata.tables["commentary_request"]
KEY = ("indicator", "area", "period")
Row = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which figures' commentary or requests are asked for; None leaves a filter open."""

    indicators: Sequence[str] = ()
    areas: Sequence[str] = ()
    periods: Collection[str] | None = None


def key_of(row: Row) -> Key:
    return row["indicator"], row["area"], row["period"]


def _is(table: sa.Table, key: Key) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == part for name, part in zip(KEY, key, strict=True)))


async def _asked(session: AsyncSession, caller: Caller, table: sa.Table, wanted: Wanted) -> sa.ColumnElement[bool]:
    conditions = [await readable(session, caller, table.c.area)]
    if wanted.indicators:
        conditions.append(table.c.indicator.in_(wanted.indicators))
    if wanted.areas:
        conditions.append(table.c.area.in_(await present_codes(session, list(wanted.areas))))
    if wanted.periods is not None:
        conditions.append(table.c.period.in_(sorted(wanted.periods)))
    return sa.and_(*conditions)


async def list_current(session: AsyncSession, caller: Caller, wanted: Wanted, at: Cursor) -> list[Row]:
    """A page of what stands, by indicator, area and period."""
    keys, later = [commentary.c[name] for name in KEY], commentary.alias("later")
    same = [later.c[name] == commentary.c[name] for name in KEY]
    superseded = sa.exists().where(*same, later.c.version == commentary.c.version + 1)
    statement = (
        sa.select(commentary)
        .where(~superseded, await _asked(session, caller, commentary, wanted))
        .order_by(*keys)
        .limit(at.fetch)
    )
    if at.after is not None:
        statement = statement.where(sa.tuple_(*keys) > sa.tuple_(*(sa.literal(part) for part in at.after)))
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def find_current(session: AsyncSession, key: Key) -> Row | None:
    """What stands of one figure."""
    newest = sa.select(commentary).where(_is(commentary, key)).order_by(commentary.c.version.desc()).limit(1)
    row = (await session.execute(newest)).mappings().one_or_none()
    return None if row is None else dict(row)


async def list_versions(session: AsyncSession, key: Key, at: Cursor) -> list[Row]:
    """A page of everything that was said of one figure, the latest first."""
    statement = sa.select(commentary).where(_is(commentary, key))
    if at.after is not None:
        statement = statement.where(commentary.c.version < at.after[0])
    rows = await session.execute(statement.order_by(commentary.c.version.desc()).limit(at.fetch))
    return [dict(row) for row in rows.mappings()]


async def read_requests(session: AsyncSession, caller: Caller, wanted: Wanted) -> list[Row]:
    """Every request this caller may see that was ever made of the figures asked for."""
    statement = sa.select(request).where(await _asked(session, caller, request, wanted))
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def find_request(session: AsyncSession, key: Key, *, lock: bool = False) -> Row | None:
    statement = sa.select(request).where(_is(request, key))
    if lock:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else dict(row)


async def read_written(session: AsyncSession, indicators: Collection[str], area: str) -> dict[Key, Any]:
    """When each figure of some indicators in one place was last commented on."""
    keys = [commentary.c[name] for name in KEY]
    statement = (
        sa.select(*keys, sa.func.max(commentary.c.written_at))
        .where(commentary.c.indicator.in_(sorted(indicators)), commentary.c.area == area)
        .group_by(*keys)
    )
    return {(row[0], row[1], row[2]): row[3] for row in (await session.execute(statement)).all()}


async def answer_request(session: AsyncSession, key: Key, at: Any) -> None:
    """Mark an open request as answered."""
    open_one = sa.and_(_is(request, key), request.c.answered_at.is_(None))
    await session.execute(sa.update(request).where(open_one).values(answered_at=at))


async def store_request(session: AsyncSession, row: Row) -> None:
    """Ask, or ask anew what was answered."""
    await session.execute(sa.delete(request).where(_is(request, key_of(row))))
    await session.execute(sa.insert(request).values(**row))
