"""The areas and units a caller asks about: their names, their lives, what was there before and what lies below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from services.indicator_api.places import is_ons_code
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed, NotFound
from shared.tables import framework_item, org_unit

_area, _succession = metadata.tables["area"], metadata.tables["area_succession"]


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    parent: str | None
    valid_to: date | None
    ons_code: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """Another area this one took over from, or that took over from it, on another footprint."""

    code: str
    name: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """One area or unit; `top` is the unit whose tree adds up to it, if this caller may see all of that tree."""

    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    predecessors: tuple[Link, ...] = ()
    successors: tuple[Link, ...] = ()
    top: str | None = None


@dataclass(frozen=True)
class Map:
    """Places by the code their figures are stored under, in the order asked for, and the council's tree of units."""

    places: dict[str, Place]
    units: dict[str, Unit]
    _below: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for unit in self.units.values():
            if unit.parent is not None:
                self._below.setdefault(unit.parent, []).append(unit.code)

    def below(self, code: str) -> list[str]:
        """The units directly below, in order."""
        return self._below.get(code, [])

    def tree(self, top: str | None) -> list[str]:
        """The unit and all below it."""
        found = [] if top is None else [top]
        for code in found:
            found += self.below(code)
        return found

    def codes(self) -> set[str]:
        """Everywhere a figure of these places may stand."""
        return {code for place in self.places.values() for code in (place.code, *self.tree(place.top))}


async def read_map(session: AsyncSession, caller: Caller, asked: Sequence[str]) -> Map:
    """What is asked for, or the council's own area; raises NotFound for a place this caller cannot see."""
    units = await _read_units(session)
    allowed = await visible_units(session, caller)
    codes = list(dict.fromkeys(asked)) or _council(units)
    areas = await _read_areas(session, [code for code in codes if is_ons_code(code)])
    links = await _read_links(session, [row.code for row in areas.values()])
    places: dict[str, Place] = {}
    for code in codes:
        if code in areas:
            place = _area_place(areas[code], links, _top_of(units, areas[code].code, allowed))
        elif code in units and (allowed is None or code in allowed):
            place = Place(code, units[code].name, valid_to=units[code].valid_to, top=code)
        else:
            raise NotFound("An area or unit asked for does not exist, or lies outside the caller's scope.")
        places[place.code] = place
    return Map(places, units)


def _council(units: dict[str, Unit]) -> list[str]:
    for unit in units.values():
        if unit.ons_code:
            return [unit.ons_code]
    fault = Fault("/query/area", "missing", "give an area; no council with an ONS code is applied that it could be")
    raise Malformed("No area was given.", errors=[fault])


async def _read_units(session: AsyncSession) -> dict[str, Unit]:
    item = framework_item
    ons_code = item.c.content["ons_code"].astext
    statement = (
        sa.select(org_unit.c.code, org_unit.c.name, org_unit.c.parent, org_unit.c.valid_to, ons_code)
        .join_from(org_unit, item, sa.and_(item.c.kind == "units", item.c.code == org_unit.c.code), isouter=True)
        .order_by(org_unit.c.code)
    )
    return {row[0]: Unit(*row) for row in (await session.execute(statement)).all()}


async def _read_areas(session: AsyncSession, codes: Sequence[str]) -> dict[str, Any]:
    """The areas by the code asked for, a former code of the same footprint included."""
    if not codes:
        return {}
    wanted = set(codes)
    columns = (_area.c.code, _area.c.name, _area.c.valid_from, _area.c.valid_to, _area.c.former_codes)
    statement = sa.select(*columns).where(
        sa.or_(_area.c.code.in_(sorted(wanted)), _area.c.former_codes.overlap(sorted(wanted)))
    )
    rows = (await session.execute(statement)).all()
    former = {old: row for row in rows for old in row.former_codes if old in wanted}
    return former | {row.code: row for row in rows}


async def _read_links(session: AsyncSession, codes: Iterable[str]) -> list[Any]:
    wanted = sorted(set(codes))
    if not wanted:
        return []
    before, after = _area.alias("before"), _area.alias("after")
    statement = (
        sa.select(
            _succession.c.code, before.c.name, _succession.c.successor, after.c.name.label("after"), _succession.c.note
        )
        .join_from(_succession, before, before.c.code == _succession.c.code)
        .join(after, after.c.code == _succession.c.successor)
        .where(
            ~_succession.c.same_footprint,
            sa.or_(_succession.c.code.in_(wanted), _succession.c.successor.in_(wanted)),
        )
        .order_by(_succession.c.code, _succession.c.successor)
    )
    return list((await session.execute(statement)).all())


def _area_place(row: Any, links: Sequence[Any], top: str | None) -> Place:
    return Place(
        row.code,
        row.name,
        row.valid_from,
        row.valid_to,
        tuple(Link(link.code, link.name, link.note) for link in links if link.successor == row.code),
        tuple(Link(link.successor, link.after, link.note) for link in links if link.code == row.code),
        top,
    )


def _top_of(units: dict[str, Unit], area: str, allowed: frozenset[str] | None) -> str | None:
    """The council whose area it is; a caller of one unit must not learn the sums of others."""
    for unit in units.values():
        if unit.ons_code == area and (allowed is None or unit.code in allowed):
            return unit.code
    return None
