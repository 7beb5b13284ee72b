"""What exceptions are computed within: definitions, places, comparator sets and the nation's local authorities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.comparators.sets import ComparatorSet, read_sets, resolve
from services.indicator_api.days import first_day, last_day
from services.indicator_api.definitions import Definition, read_definitions, read_definitions_at
from services.indicator_api.exceptions.out_of_step import TRIGGERS
from services.indicator_api.places import Authority, read_authorities
from services.indicator_api.series.derived import part_codes, with_parts
from services.indicator_api.series.known import Veil
from services.indicator_api.series.places import Map, Place
from shared.schemas.figures import Measure
from shared.schemas.framework.areas import ComparatorKind
from shared.schemas.periods import Period

# An indicator's code and a place's.
Pair = tuple[str, str]
_WITH_INTERVALS = (Measure.percentage, Measure.rate)


@dataclass(frozen=True, slots=True)
class Scope:
    """The day exceptions are told of, the earlier day that new is told against, and what may be seen."""

    day: date
    since: date
    veil: Veil


def is_enough(authorities: int, there: int) -> bool:
    """A funnel speaks for the nation once at least half of the local authorities there were are in it."""
    return authorities * 2 >= there


def scope_of(period: Period, today: date, veil: Veil) -> Scope:
    """At the end of a period, or today where it has not ended; new against the day before it began."""
    return Scope(min(last_day(period), today), first_day(period) - timedelta(days=1), veil)


@dataclass(frozen=True)
class Frame:
    """One edition of the framework as a caller may see it."""

    definitions: Mapping[str, Definition]
    # With those that any of them are made of.
    every: Mapping[str, Definition]
    known: Map
    sets: Mapping[str, ComparatorSet]
    # Former ones too, by code.
    authorities: Mapping[str, Authority]

    @cached_property
    def made_of(self) -> Mapping[str, Collection[str]]:
        """By the code of an indicator those that are derived from it."""
        found: dict[str, list[str]] = {}
        for code, definition in self.definitions.items():
            for part in part_codes(definition):
                found.setdefault(part, []).append(code)
        return found

    def codes(self, place: Place) -> list[str]:
        """Everywhere a figure of the place may stand: its own code and the units its sums are made of."""
        below = self.known.tree(place.top)
        return below if place.code == place.top else [place.code, *below]

    def is_hidden(self, code: str) -> bool:
        """Whether a veil may lie over its figures, or over those it is made of."""
        return any(self.every[one].people for one in (code, *part_codes(self.every[code])) if one in self.every)

    def compared(self, definition: Definition, area: str, period: Period) -> list[ComparatorSet]:
        """The indicator's benchmarks that may raise an exception there, as they hold for a period."""
        declared = [self.sets[code] for code in definition.content["benchmarks"] if code in self.sets]
        return resolve((one for one in declared if one.kind in TRIGGERS), area, last_day(period))

    def authorities_in(self, period: Period) -> set[str]:
        """The local authorities there were on the last day of a period."""
        day = last_day(period)
        return {code for code, one in self.authorities.items() if one.was_there(day)}

    def in_funnel(self, definition: Definition, area: str, chosen: Iterable[ComparatorSet], period: Period) -> bool:
        """Whether the place is one of the local authorities that may be pooled: where the nation is a benchmark."""
        own = self.authorities.get(area)
        nation = any(one.kind is ComparatorKind.nation for one in chosen)
        return nation and own is not None and own.was_there(last_day(period)) and definition.measure in _WITH_INTERVALS


async def read_frame(
    session: AsyncSession, known: Map, indicators: Collection[str] | None = None, as_at: datetime | None = None
) -> Frame:
    """The frame of the places given; of the indicators named, where any are; definitions and sets as they stood."""
    if as_at is None:
        definitions = await read_definitions(session, indicators)
    else:
        definitions = await read_definitions_at(session, as_at, indicators)
    return Frame(
        definitions=definitions,
        every=await with_parts(session, definitions, as_at),
        known=known,
        sets=await read_sets(session, as_at=as_at),
        authorities={one.code: one for one in await read_authorities(session)},
    )
