"""Reads units, areas and which came of which: by the driver itself, for nearly every question begins with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.places import is_ons_code
from shared.database import driver_connection

_UNITS = """
SELECT u.code, u.name, u.parent, u.valid_to, i.content ->> 'ons_code', u.valid_from,
       ARRAY (SELECT s.successor FROM org_unit_succession s WHERE s.code = u.code ORDER BY s.successor)
  FROM org_unit u LEFT JOIN framework_item i ON i.kind = 'units' AND i.code = u.code
 ORDER BY u.code
"""
_AREAS = """
SELECT code, name, valid_from, valid_to, former_codes FROM area
 WHERE code = ANY ($1::text[]) OR former_codes && $1::text[]
"""
_ALL_AREAS = "SELECT code, name, valid_from, valid_to, former_codes FROM area"
_LINKS = """
SELECT s.code, b.name, s.successor, a.name, s.note
  FROM area_succession s JOIN area b ON b.code = s.code JOIN area a ON a.code = s.successor
 WHERE NOT s.same_footprint AND (s.code = ANY ($1::text[]) OR s.successor = ANY ($1::text[]))
 ORDER BY s.code, s.successor
"""


class UnitRow(NamedTuple):
    code: str
    name: str
    parent: str | None
    valid_to: date | None
    ons_code: str | None
    valid_from: date
    successors: list[str]


class AreaRow(NamedTuple):
    code: str
    name: str
    valid_from: date | None
    valid_to: date | None
    former_codes: list[str]


class LinkRow(NamedTuple):
    """An area and one that took over from it on another footprint."""

    code: str
    name: str
    successor: str
    after: str
    note: str | None


async def read_units(session: AsyncSession) -> list[UnitRow]:
    connection = await driver_connection(session)
    return [UnitRow(*row) for row in await connection.fetch(_UNITS)]


async def read_areas(session: AsyncSession, codes: Iterable[str]) -> dict[str, AreaRow]:
    """The areas by the code asked for, a former code of the same footprint included."""
    wanted = {code for code in codes if is_ons_code(code)}
    if not wanted:
        return {}
    connection = await driver_connection(session)
    rows = [AreaRow(*row) for row in await connection.fetch(_AREAS, sorted(wanted))]
    return by_code(rows, wanted)


async def read_all_areas(session: AsyncSession) -> dict[str, AreaRow]:
    """Every area by each code it has or had."""
    connection = await driver_connection(session)
    rows = [AreaRow(*row) for row in await connection.fetch(_ALL_AREAS)]
    return by_code(rows, {old for row in rows for old in row.former_codes})


def by_code(rows: Sequence[AreaRow], wanted: set[str]) -> dict[str, AreaRow]:
    former = {old: row for row in rows for old in row.former_codes if old in wanted}
    return former | {row.code: row for row in rows}


async def read_links(session: AsyncSession, areas: Mapping[str, AreaRow]) -> list[LinkRow]:
    wanted = sorted({row.code for row in areas.values()})
    if not wanted:
        return []
    connection = await driver_connection(session)
    return [LinkRow(*row) for row in await connection.fetch(_LINKS, wanted)]
