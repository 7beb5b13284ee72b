"""Which kept exceptions a changed series touches: its own, and those of sums and comparisons it is part of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.frame import Frame, Pair
from services.indicator_api.exceptions.kept_series import KeptSeries
from services.indicator_api.exceptions.out_of_step import TRIGGERS
from services.indicator_api.exceptions.reading import adds_up
from services.indicator_api.places import is_ons_code
from services.indicator_api.series.derived import part_codes
from shared.schemas.framework.areas import ComparatorKind


def touched(frame: Frame, changed: Iterable[Pair]) -> set[Pair]:
    """The pairs among the frame's places that have to be judged again."""
    return _touched(frame, changed, lambda definition, area: _beside(frame, definition, area) | _sums(frame, area))


def but_for_sums(frame: Frame, changed: Iterable[Pair]) -> set[Pair]:
    """Those among them whose own figures changed, or figures they are set beside."""
    return _touched(frame, changed, lambda definition, area: _beside(frame, definition, area))


def adds_up_now(frame: Frame, above: Pair, changed: Iterable[Pair], kept: Mapping[Pair, KeptSeries]) -> bool:
    """Whether figures of a place above the changed series may be made of theirs.

    They may if units were added up there when it was judged last, or if one that changed has a period of which the
    place has no figure. It is not among the changed itself.
    """
    indicator, place = above
    if not adds_up(frame.definitions[indicator]):
        return bool(part_codes(frame.definitions[indicator]))
    if kept[above].summed:
        return True
    below = set(frame.codes(frame.known.places[place]))
    return any(
        one == indicator and area in below and not kept[one, area].periods <= kept[above].periods
        for one, area in changed
    )


def with_made_of(frame: Frame, indicators: Iterable[str]) -> set[str]:
    """The indicators and all that are derived from them, at whatever remove."""
    found = set(indicators)
    queue = list(found)
    for code in queue:
        more = set(frame.made_of.get(code, ())) - found
        found |= more
        queue += more
    return found


def _touched(frame: Frame, changed: Iterable[Pair], places: Callable[[Definition, str], set[str]]) -> set[Pair]:
    found: set[Pair] = set()
    for indicator, area in set(changed):
        for code in with_made_of(frame, [indicator]):
            definition = frame.definitions.get(code)
            if definition is not None:
                found |= {(code, place) for place in places(definition, area)}
    return found


def _beside(frame: Frame, definition: Definition, area: str) -> set[str]:
    places = frame.known.places
    found = {area} & places.keys()
    if is_ons_code(area):
        found |= {code for code in places if code != area and _is_set_beside(frame, definition, code, area)}
    return found


def _sums(frame: Frame, area: str) -> set[str]:
    """The places above a unit, whose figures may be sums of its own."""
    above: list[str] = []
    unit = frame.known.units.get(area)
    while unit is not None and unit.code not in above:
        above.append(unit.code)
        unit = frame.known.units.get(unit.parent or "")
    return {code for code, place in frame.known.places.items() if place.top in above and code != area}


def _is_set_beside(frame: Frame, definition: Definition, place: str, area: str) -> bool:
    """Whether the area's figures may be among what the place's are compared with, in any period."""
    sets = [frame.sets[code] for code in definition.content["benchmarks"] if code in frame.sets]
    if any(one.kind in TRIGGERS and one.fits(place) and area in one.members for one in sets):
        return True
    nation = any(one.kind is ComparatorKind.nation for one in sets)
    return nation and {place, area} <= frame.authorities.keys()
