"""Puts cases together from the figures as they stand or stood: two reads, however many series."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.comparators.sets import ComparatorSet
from services.indicator_api.days import last_day
from services.indicator_api.exceptions.case import Case, Funnel, Reference
from services.indicator_api.exceptions.frame import Frame, Pair, Scope
from services.indicator_api.exceptions.lateness import known_at_end_of
from services.indicator_api.exceptions.out_of_step import CONFIDENCE
from services.indicator_api.exceptions.reading import read_at, read_pairs
from services.indicator_api.series.known import Known, interval_of
from services.indicator_api.series.places import Place
from services.indicator_api.series.queries import Figures
from services.indicator_api.series.roll_up import Ground, Stored
from shared.schemas.periods import Period

_Chosen = dict[Period, list[ComparatorSet]]


async def read_cases(
    session: AsyncSession,
    frame: Frame,
    scope: Scope,
    pairs: Sequence[Pair],
    as_at: datetime | None = None,
    alone: Collection[Pair] = (),
) -> list[Case]:
    """A case for each pair, in their order; `alone` names those whose own figures are known to leave no sum to make."""
    places = frame.known.places
    below = {code: frame.codes(places[code]) for code in {place for _, place in pairs}}
    wanted = {(one, code) for one, place in pairs for code in ([place] if (one, place) in alone else below[place])}
    stored = await read_pairs(session, wanted, as_at)
    grounds = {
        code: Ground(frame.definitions[code], frame.known, _under(stored, code), scope.veil)
        for code in {indicator for indicator, _ in pairs}
    }
    series = {
        (one, place): _until(scope, grounds[one].series(_itself(places[place], (one, place) in alone)))
        for one, place in pairs
    }
    chosen = {pair: _chosen(frame, scope, pair, figures) for pair, figures in series.items()}
    members = await _read_members(session, chosen, as_at)
    pooled = await _read_pooled(session, frame, series, chosen, as_at)
    return [
        Case(
            frame.definitions[one],
            places[place],
            series[one, place],
            {
                period: [Reference(each, _of(grounds[one], each.members, period, members)) for each in sets]
                for period, sets in chosen[one, place].items()
            },
            _funnels(frame, grounds[one], place, chosen[one, place], pooled),
        )
        for one, place in pairs
    ]


def _itself(place: Place, alone: bool) -> Place:
    return replace(place, top=None) if alone else place


def _under(stored: Figures, indicator: str) -> Stored:
    return lambda area: stored.get((indicator, area), ())


def _until(scope: Scope, figures: Iterable[Known]) -> list[Known]:
    """What belongs to periods that had ended by the day, however late it was sent."""
    return [one for one in figures if last_day(one.period) <= scope.day]


def _chosen(frame: Frame, scope: Scope, pair: Pair, figures: Sequence[Known]) -> _Chosen:
    """The sets in force for the latest figure, now and on the earlier day, of the indicator's benchmarks."""
    definition = frame.definitions[pair[0]]
    ends = (figures, known_at_end_of(scope.since, definition, figures))
    return {known[-1].period: frame.compared(definition, pair[1], known[-1].period) for known in ends if known}


async def _read_members(session: AsyncSession, chosen: Mapping[Pair, _Chosen], as_at: datetime | None) -> Figures:
    """The figures of all members for exactly the periods they are wanted for."""
    wanted = {(one, period.code) for (one, _), periods in chosen.items() for period, sets in periods.items() if sets}
    areas = {
        member for periods in chosen.values() for sets in periods.values() for each in sets for member in each.members
    }
    return await read_at(session, wanted, areas, as_at)


async def _read_pooled(
    session: AsyncSession,
    frame: Frame,
    series: Mapping[Pair, Sequence[Known]],
    chosen: Mapping[Pair, _Chosen],
    as_at: datetime | None,
) -> Figures:
    """The figures of all local authorities where one of them has an interval to be set against them."""
    wanted = {
        (one, period.code)
        for (one, place), periods in chosen.items()
        for period, sets in periods.items()
        if frame.in_funnel(frame.definitions[one], place, sets)
        and any(
            known.period == period and interval_of(frame.definitions[one], known, CONFIDENCE)
            for known in series[one, place][-2:]
        )
    }
    return await read_at(session, wanted, frame.authorities, as_at)


def _of(ground: Ground, areas: Iterable[str], period: Period, stored: Figures) -> dict[str, Known]:
    """What the areas show for a period, as this caller may know it."""
    definition = ground.definition
    found: dict[str, Known] = {}
    for area in areas:
        figures = [one for one in stored.get((definition.code, area), ()) if one.period == period]
        for one in ground.veil.over(definition, area, figures):
            found[area] = one
    return found


def _funnels(frame: Frame, ground: Ground, place: str, chosen: _Chosen, stored: Figures) -> dict[Period, Funnel]:
    found: dict[Period, Funnel] = {}
    # Far fewer than enough is the rule: most indicators have no figures of all authorities.
    if not frame.is_enough(sum((ground.definition.code, area) in stored for area in frame.authorities)):
        return found
    for period, sets in chosen.items():
        if not frame.in_funnel(ground.definition, place, sets):
            continue
        authorities = {
            area: one
            for area, one in _of(ground, frame.authorities, period, stored).items()
            if one.version == ground.definition.version and interval_of(ground.definition, one, CONFIDENCE)
        }
        if place in authorities and frame.is_enough(len(authorities)):
            found[period] = Funnel(authorities)
    return found
