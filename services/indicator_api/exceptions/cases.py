"""Puts cases together from the figures as they stand or stood: two reads, however many series."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.comparators.sets import ComparatorSet
from services.indicator_api.definitions import Definition, read_edition
from services.indicator_api.exceptions.case import Case, Funnel, Reference
from services.indicator_api.exceptions.frame import Frame, Pair, Scope, is_enough
from services.indicator_api.exceptions.lateness import ended_by, known_at_end_of
from services.indicator_api.exceptions.out_of_step import CONFIDENCE
from services.indicator_api.exceptions.reading import read_at, read_pairs
from services.indicator_api.series.derived import part_codes
from services.indicator_api.series.known import Known, interval_of, prepared
from services.indicator_api.series.places import Place
from services.indicator_api.series.queries import Figures
from services.indicator_api.series.roll_up import Ground
from shared.schemas.periods import Period

# The own figure of a period, and the sets it is set beside.
_Chosen = dict[Period, tuple[Known, list[ComparatorSet]]]


async def read_cases(
    session: AsyncSession,
    frame: Frame,
    scope: Scope,
    pairs: Sequence[Pair],
    as_at: datetime | None = None,
    alone: Collection[Pair] = (),
) -> list[Case]:
    """A case for each pair, in their order; `alone` names those whose own figures are known to leave no sum to make.

    A figure is judged under the definition it was recorded under, and beside figures of that definition only.
    """
    places = frame.known.places
    below = {code: frame.codes(places[code]) for code in {place for _, place in pairs}}
    wanted = {
        (part, code)
        for one, place in pairs
        for code in ([place] if (one, place) in alone else below[place])
        for part in (one, *part_codes(frame.definitions[one]))
    }
    stored = await read_pairs(session, wanted, as_at)
    grounds = await _grounds(session, frame, scope, {one for one, _ in pairs}, stored)
    series = {
        (one, place): ended_by(scope.day, grounds[one].series(_itself(places[place], (one, place) in alone)))
        for one, place in pairs
    }
    chosen = {pair: _chosen(frame, scope, pair, figures) for pair, figures in series.items()}
    editions = await _read_editions(session, frame, scope, series)
    indicators = {one for one, _ in pairs}
    members = await _grounds(session, frame, scope, indicators, await _read_members(session, frame, chosen, as_at))
    pooled = await _read_pooled(session, frame, chosen, as_at)
    others = await _grounds(session, frame, scope, indicators, pooled) if pooled else {}
    return [
        Case(
            frame.definitions[one],
            places[place],
            series[one, place],
            {
                period: [Reference(each, _of(members[one], each.members, own)) for each in sets]
                for period, (own, sets) in chosen[one, place].items()
            },
            _funnels(frame, others[one], place, chosen[one, place], editions.get(one, {})) if pooled else {},
            editions.get(one, {}),
        )
        for one, place in pairs
    ]


async def _read_editions(
    session: AsyncSession, frame: Frame, scope: Scope, series: Mapping[Pair, Sequence[Known]]
) -> dict[str, dict[int, Definition]]:
    """Of each indicator the earlier definitions that its latest figures, now or on the earlier day, stand under."""
    found: dict[str, dict[int, Definition]] = {}
    for (one, _), figures in series.items():
        definition = frame.definitions[one]
        for known in _latest(scope, definition, figures):
            if known.version != definition.version and known.version not in found.setdefault(one, {}):
                found[one][known.version] = await read_edition(session, definition, known.version)
    return found


def _latest(scope: Scope, definition: Definition, figures: Sequence[Known]) -> list[Known]:
    """The latest figure now, and on the earlier day."""
    return [known[-1] for known in (figures, known_at_end_of(scope.since, definition, figures)) if known]


async def _grounds(
    session: AsyncSession, frame: Frame, scope: Scope, indicators: Iterable[str], stored: Figures
) -> dict[str, Ground]:
    """Where each indicator is looked up among the figures read, under a veil that knows what goes with them."""
    veil = await prepared(session, scope.veil, frame.every, stored)
    return {one: Ground.of(frame.definitions[one], frame.every, frame.known, stored, veil) for one in indicators}


def _itself(place: Place, alone: bool) -> Place:
    return replace(place, top=None) if alone else place


def _chosen(frame: Frame, scope: Scope, pair: Pair, figures: Sequence[Known]) -> _Chosen:
    """The sets in force for the latest figure, now and on the earlier day, of the indicator's benchmarks."""
    definition = frame.definitions[pair[0]]
    return {
        known.period: (known, frame.compared(definition, pair[1], known.period))
        for known in _latest(scope, definition, figures)
    }


async def _read_members(
    session: AsyncSession, frame: Frame, chosen: Mapping[Pair, _Chosen], as_at: datetime | None
) -> Figures:
    """The figures of all members for exactly the periods they are wanted for, with those they may be made of."""
    wanted = {
        (part, period.code)
        for (one, _), periods in chosen.items()
        for period, (_, sets) in periods.items()
        if sets
        for part in (one, *part_codes(frame.definitions[one]))
    }
    areas = {
        member
        for periods in chosen.values()
        for _, sets in periods.values()
        for each in sets
        for member in each.members
    }
    return await read_at(session, wanted, areas, as_at)


async def _read_pooled(
    session: AsyncSession,
    frame: Frame,
    chosen: Mapping[Pair, _Chosen],
    as_at: datetime | None,
) -> Figures:
    """The figures of all local authorities where one of them has an interval to be set against them."""
    wanted = {
        (part, period.code)
        for (one, place), periods in chosen.items()
        for part in (one, *part_codes(frame.definitions[one]))
        for period, (known, sets) in periods.items()
        if frame.in_funnel(frame.definitions[one], place, sets, period)
        and interval_of(frame.definitions[one], known, CONFIDENCE)
    }
    return await read_at(session, wanted, frame.authorities, as_at)


def _of(ground: Ground, areas: Iterable[str], own: Known) -> dict[str, Known]:
    """What the areas show for the period and under the definition of the own figure, as this caller may know it."""
    figures = {area: ground.of_area(area) for area in areas}
    return {
        area: one
        for area, known in figures.items()
        for one in known
        if one.period == own.period and one.version == own.version
    }


def _funnels(
    frame: Frame, ground: Ground, place: str, chosen: _Chosen, editions: Mapping[int, Definition]
) -> dict[Period, Funnel]:
    found: dict[Period, Funnel] = {}
    for period, (own, sets) in chosen.items():
        if not frame.in_funnel(ground.definition, place, sets, period):
            continue
        there = frame.authorities_in(period)
        authorities = {
            area: one
            for area, one in _of(ground, there, own).items()
            if interval_of(editions.get(own.version, ground.definition), one, CONFIDENCE)
        }
        if place in authorities and is_enough(len(authorities), len(there)):
            found[period] = Funnel(authorities)
    return found
