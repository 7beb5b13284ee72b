"""Which kept exceptions a changed series touches: its own, and those of sums and comparisons it is part of."""

from __future__ import annotations

from collections.abc import Iterable

from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.cases import Pair
from services.indicator_api.exceptions.frame import Frame
from services.indicator_api.exceptions.out_of_step import TRIGGERS
from services.indicator_api.places import is_ons_code
from shared.schemas.framework.areas import ComparatorKind


def touched(frame: Frame, changed: Iterable[Pair]) -> set[Pair]:
    """The pairs among the frame's places that have to be judged again."""
    found: set[Pair] = set()
    for indicator, area in set(changed):
        for code in (indicator, *_made_of(frame, indicator)):
            definition = frame.definitions.get(code)
            if definition is not None:
                found |= {(code, place) for place in _places(frame, definition, area)}
    return found


def _made_of(frame: Frame, indicator: str) -> list[str]:
    """The indicators that are derived from this one, at whatever remove."""
    found: list[str] = []
    ahead = [indicator]
    for source in ahead:
        for code, definition in frame.definitions.items():
            derived = definition.content["derived_from"]
            if derived and source in (*derived["numerators"], *derived["denominators"]) and code not in ahead:
                ahead.append(code)
                found.append(code)
    return found


def _places(frame: Frame, definition: Definition, area: str) -> set[str]:
    places = frame.known.places
    if is_ons_code(area):
        beside = {code for code in places if code != area and _is_set_beside(frame, definition, code, area)}
        return beside | ({area} & places.keys())
    above = {area}
    unit = frame.known.units.get(area)
    while unit is not None and unit.parent is not None and unit.parent not in above:
        above.add(unit.parent)
        unit = frame.known.units.get(unit.parent)
    return {code for code, place in places.items() if code in above or place.top in above}


def _is_set_beside(frame: Frame, definition: Definition, place: str, area: str) -> bool:
    """Whether the area's figures may be among what the place's are compared with, in any period."""
    sets = [frame.sets[code] for code in definition.content["benchmarks"] if code in frame.sets]
    if any(one.kind in TRIGGERS and one.fits(place) and area in one.members for one in sets):
        return True
    nation = any(one.kind is ComparatorKind.nation for one in sets)
    return nation and {place, area} <= frame.authorities
