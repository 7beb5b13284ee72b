"""The areas and units a caller asks about: their names, their lives, what was there before and what lies below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.series.place_queries import (
    AreaRow,
    LinkRow,
    UnitRow,
    read_all_areas,
    read_areas,
    read_links,
    read_units,
)
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed, NotFound


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    parent: str | None
    valid_to: date | None
    ons_code: str | None
    valid_from: date = date.min
    successors: tuple[str, ...] = ()

    def in_force(self, first: date, last: date) -> bool:
        """Whether it was there on any day from the first to the last."""
        return self.valid_from <= last and (self.valid_to is None or self.valid_to >= first)


@dataclass(frozen=True, slots=True)
class Link:
    """Another area or unit this one took over from, or that took over from it.

    `whole` is a renaming: all of the one became all of the other from one day to the next.
    """

    code: str
    name: str
    note: str | None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One area or unit; `top` is the unit whose tree adds up to it, if this caller may see all of that tree.

    `formerly` is the unit it was before it was renamed, if this caller may see that.
    """

    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    predecessors: tuple[Link, ...] = ()
    successors: tuple[Link, ...] = ()
    top: str | None = None
    formerly: Place | None = None

    def lives(self) -> Iterator[Place]:
        """The place itself and every unit it was before, back in time."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.formerly


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
        return {code for place in self.places.values() for code in self.codes_of(place)}

    def codes_of(self, place: Place) -> set[str]:
        """Everywhere a figure of one place may stand."""
        return {code for life in place.lives() for code in (life.code, *self.tree(life.top))}


@dataclass(frozen=True)
class Atlas:
    """Units, areas by every code they are asked for by, and which areas came of which."""

    units: dict[str, Unit]
    areas: dict[str, AreaRow]
    links: Sequence[LinkRow]

    def map(self, asked: Sequence[str], allowed: frozenset[str] | None = None) -> Map:
        """What is asked for, or the council's own area; raises NotFound for a place outside what is allowed."""
        places: dict[str, Place] = {}
        for code in asked_codes(self.units, asked):
            if code in self.areas:
                area = self.areas[code]
                place = _area_place(area, self.links, _top_of(self.units, area.code, allowed))
            elif code in self.units and (allowed is None or code in allowed):
                place = _unit_place(self.units, code, allowed)
            else:
                raise NotFound("An area or unit asked for does not exist, or lies outside the caller's scope.")
            places[place.code] = place
        return Map(places, self.units)


async def read_map(session: AsyncSession, caller: Caller, asked: Sequence[str]) -> Map:
    """What is asked for, or the council's own area; raises NotFound for a place this caller cannot see."""
    atlas, allowed = await read_part(session, caller, asked)
    return atlas.map(asked, allowed)


async def read_part(session: AsyncSession, caller: Caller, asked: Sequence[str]) -> tuple[Atlas, frozenset[str] | None]:
    """All units and the areas asked for, and the units this caller may see: None where that is all of them."""
    units = _units(await read_units(session))
    allowed = await visible_units(session, caller)
    areas = await read_areas(session, asked_codes(units, asked))
    return Atlas(units, areas, await read_links(session, areas)), allowed


async def read_atlas(session: AsyncSession) -> Atlas:
    """Everything there is to ask about."""
    areas = await read_all_areas(session)
    return Atlas(_units(await read_units(session)), areas, await read_links(session, areas))


def _units(rows: Iterable[UnitRow]) -> dict[str, Unit]:
    return {row.code: Unit(*row[:-1], successors=tuple(row.successors)) for row in rows}


def asked_codes(units: dict[str, Unit], asked: Sequence[str]) -> list[str]:
    """Each code asked for once, or the council's own area."""
    return list(dict.fromkeys(asked)) or _council(units)


def _council(units: dict[str, Unit]) -> list[str]:
    for unit in units.values():
        if unit.ons_code:
            return [unit.ons_code]
    fault = Fault("/query/area", "missing", "give an area; no council with an ONS code is applied that it could be")
    raise Malformed("No area was given.", errors=[fault])


def _area_place(row: AreaRow, links: Sequence[LinkRow], top: str | None) -> Place:
    return Place(
        row.code,
        row.name,
        row.valid_from,
        row.valid_to,
        tuple(Link(link.code, link.name, link.note) for link in links if link.successor == row.code),
        tuple(Link(link.successor, link.after, link.note) for link in links if link.code == row.code),
        top,
    )


def _unit_place(units: dict[str, Unit], code: str, allowed: frozenset[str] | None) -> Place:
    unit = units[code]
    before = [one for one in units.values() if code in one.successors]
    whole = [one.code for one in before if _is_whole(units, one, unit) and (allowed is None or one.code in allowed)]
    return Place(
        code,
        unit.name,
        unit.valid_from,
        unit.valid_to,
        tuple(Link(one.code, one.name, None, _is_whole(units, one, unit)) for one in before),
        tuple(Link(heir, units[heir].name, None, _is_whole(units, unit, units[heir])) for heir in unit.successors),
        code,
        _unit_place(units, whole[0], allowed) if whole else None,
    )


def _is_whole(units: dict[str, Unit], before: Unit, after: Unit) -> bool:
    """Whether one became the other: nothing went elsewhere, nothing came from elsewhere, and not a day lay between."""
    alone = sum(after.code in one.successors for one in units.values()) == 1 and before.successors == (after.code,)
    return alone and before.valid_to is not None and before.valid_to + timedelta(days=1) == after.valid_from


def _top_of(units: dict[str, Unit], area: str, allowed: frozenset[str] | None) -> str | None:
    """The council whose area it is; a caller of one unit must not learn the sums of others."""
    for unit in units.values():
        if unit.ons_code == area and (allowed is None or unit.code in allowed):
            return unit.code
    return None
