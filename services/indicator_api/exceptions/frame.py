"""What exceptions are computed within: definitions, places, comparator sets and the nation's local authorities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.comparators.sets import ComparatorSet, read_sets, resolve
from services.indicator_api.days import first_day, last_day
from services.indicator_api.definitions import Definition, read_definitions, read_definitions_at
from services.indicator_api.exceptions.out_of_step import TRIGGERS
from services.indicator_api.models import metadata
from services.indicator_api.series.derived import part_codes, with_parts
from services.indicator_api.series.known import Veil
from services.indicator_api.series.places import Map, Place
from shared.schemas.figures import Measure
from shared.schemas.framework.areas import ComparatorKind
from shared.schemas.periods import Period

# An indicator's code and a place's.
Pair = tuple[str, str]
_area = metadata.tables["area"]
_WITH_INTERVALS = (Measure.percentage, Measure.rate)


@dataclass(frozen=True, slots=True)
class Scope:
    """The day exceptions are told of, the earlier day that new is told against, and what may be seen."""

    day: date
    since: date
    veil: Veil


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
    authorities: frozenset[str]

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

    def in_funnel(self, definition: Definition, area: str, chosen: Iterable[ComparatorSet]) -> bool:
        """Whether the place is one of the local authorities that may be pooled: where the nation is a benchmark."""
        nation = any(one.kind is ComparatorKind.nation for one in chosen)
        return nation and area in self.authorities and definition.measure in _WITH_INTERVALS

    def is_enough(self, authorities: int) -> bool:
        """A funnel speaks for the nation once at least half of its local authorities are in it."""
        return authorities * 2 >= len(self.authorities)


async def read_frame(
    session: AsyncSession, known: Map, indicators: Collection[str] | None = None, as_at: datetime | None = None
) -> Frame:
    """The frame of the places given; of the indicators named, where any are; definitions and sets as they stood."""
    authorities = sa.select(_area.c.code).where(_area.c.kind == "local_authority", ~_area.c.retired)
    if as_at is None:
        definitions = await read_definitions(session, indicators)
    else:
        definitions = await read_definitions_at(session, as_at, indicators)
    return Frame(
        definitions=definitions,
        every=await with_parts(session, definitions, as_at),
        known=known,
        sets=await read_sets(session, as_at=as_at),
        authorities=frozenset((await session.execute(authorities)).scalars()),
    )
