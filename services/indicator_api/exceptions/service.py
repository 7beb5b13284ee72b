"""Computing the exceptions of a period from the figures as they stand: two reads of figures, then pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.comparators.sets import ComparatorSet, read_sets, resolve
from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.exceptions.case import Case, Reference
from services.indicator_api.exceptions.evaluate import evaluate
from services.indicator_api.exceptions.lateness import known_at_end_of
from services.indicator_api.exceptions.out_of_step import TRIGGERS
from services.indicator_api.exceptions.rows import in_order, row_of
from services.indicator_api.series.known import Known, Veil, prepared
from services.indicator_api.series.places import Place, read_map
from services.indicator_api.series.queries import Figures, read_figures
from services.indicator_api.series.roll_up import Ground, Stored
from shared.auth.caller import Caller
from shared.schemas.exceptions import ExceptionOut
from shared.schemas.periods import Period, PeriodKind


@dataclass(frozen=True)
class Examined:
    """The exceptions of one place, and how many indicators had anything to examine."""

    place: Place
    indicators: int
    rows: list[ExceptionOut]


def last_complete_month(today: date) -> Period:
    return Period.containing(PeriodKind.month, today).predecessor


async def examine(
    session: AsyncSession,
    caller: Caller,
    area: str | None,
    day: date,
    since: date,
    veil: Veil,
    *,
    indicators: Collection[str] | None = None,
    as_at: datetime | None = None,
) -> Examined:
    """Every exception that stands on a day, new where it did not at the end of an earlier one.

    Raises NotFound for a place this caller cannot see.
    """
    definitions = await read_definitions(session, indicators)
    known = await read_map(session, caller, [area] if area else [])
    place = next(iter(known.places.values()))
    stored = await read_figures(session, definitions, known.codes(), as_at=as_at)
    veil = await prepared(session, veil, definitions, stored)
    grounds = {
        code: Ground(definition, known, _stored_under(stored, code), veil) for code, definition in definitions.items()
    }
    series = {code: _until(day, ground.series(place)) for code, ground in grounds.items()}
    sets = await read_sets(session)
    chosen = {code: _chosen(definitions[code], place, figures, since, sets) for code, figures in series.items()}
    beside = await _read_beside(session, chosen, as_at)
    veil = await prepared(session, veil, definitions, beside)
    cases = [
        Case(definitions[code], place, figures, _references(definitions[code], veil, chosen[code], beside))
        for code, figures in series.items()
    ]
    rows = [row_of(case, finding) for case in cases for finding in evaluate(case, day, since)]
    looked_at = sum(bool(case.figures or case.definition.content["expected_from"]) for case in cases)
    return Examined(place, looked_at, sorted(rows, key=in_order))


_Chosen = dict[Period, list[ComparatorSet]]


def _stored_under(stored: Figures, indicator: str) -> Stored:
    return lambda area: stored.get((indicator, area), ())


def _until(day: date, figures: Iterable[Known]) -> list[Known]:
    """What belongs to periods that had ended by the day, however late it was sent."""
    return [one for one in figures if last_day(one.period) <= day]


def _chosen(
    definition: Definition, place: Place, figures: Sequence[Known], since: date, sets: Mapping[str, ComparatorSet]
) -> _Chosen:
    """The sets in force for the latest figure, now and on the earlier day, of the indicator's benchmarks."""
    declared = [sets[code] for code in definition.content["benchmarks"] if code in sets]
    compared = [one for one in declared if one.kind in TRIGGERS]
    latest = {known[-1].period for known in (figures, known_at_end_of(since, definition, figures)) if known}
    return {period: resolve(compared, place.code, last_day(period)) for period in latest}


async def _read_beside(session: AsyncSession, chosen: Mapping[str, _Chosen], as_at: datetime | None) -> Figures:
    """The figures of all members for exactly the periods they are wanted for."""
    pairs = {(code, period.code) for code, periods in chosen.items() for period, sets in periods.items() if sets}
    wanted = (one for periods in chosen.values() for sets in periods.values() for one in sets)
    areas = {member for one in wanted for member in one.members}
    if not pairs:
        return {}
    return await read_figures(session, {code for code, _ in pairs}, areas, as_at=as_at, periods=pairs)


def _references(definition: Definition, veil: Veil, chosen: _Chosen, stored: Figures) -> dict[Period, list[Reference]]:
    return {
        period: [Reference(one, _members(definition, veil, one, period, stored)) for one in sets]
        for period, sets in chosen.items()
    }


def _members(
    definition: Definition, veil: Veil, chosen: ComparatorSet, period: Period, stored: Figures
) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for area in chosen.members:
        figures = [one for one in stored.get((definition.code, area), ()) if one.period == period]
        for one in veil.over(definition, area, figures):
            found[area] = one
    return found
