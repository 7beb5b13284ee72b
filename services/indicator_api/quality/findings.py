"""What the validation rules find in the figures stored, as a caller may know them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.checking.figures import Series, Stretch, read_series
from services.indicator_api.checking.findings import Found, found_in
from services.indicator_api.checking.rules import HISTORY, doubts
from services.indicator_api.checking.subject import RuleName, Subject
from services.indicator_api.days import code_bounds, first_day, last_day, periods_ending
from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.quality.ground import Ground, read_ground
from services.indicator_api.series.chart import neighbour
from services.indicator_api.series.known import Known, Veil, prepared
from shared.auth.caller import Caller
from shared.schemas.periods import Period, PeriodKind


@dataclass(frozen=True)
class Search:
    """Whose figures are looked at; without a period the latest of each series."""

    period: Period | None = None
    area: str | None = None
    source_system: str | None = None
    indicators: Sequence[str] = ()
    rules: Collection[RuleName] = ()


async def find(session: AsyncSession, caller: Caller, search: Search, veil: Veil) -> list[Found]:
    """Every rule broken, by indicator, place, period, breakdown and rule."""
    ground = await read_ground(session, caller, search.area)
    definitions = await read_definitions(session, search.indicators or None)
    wanted = {
        code: definition
        for code, definition in definitions.items()
        if search.source_system in (None, definition.content["source_system"])
    }
    series = await read_series(session, _stretches(wanted, search.period), ground.names)
    every = {key: [one for figures in stored.values() for one in figures] for key, stored in series.items()}
    veil = await prepared(session, veil, wanted, every)
    found = [
        found_in(subject, doubt)
        for subject in _subjects(wanted, series, ground, search.period, veil)
        for doubt in doubts(subject)
        if not search.rules or doubt.rule in search.rules
    ]
    return sorted(found, key=key_of)


def key_of(found: Found) -> tuple[str, ...]:
    return found["indicator"], found["area"], found["period"], found["breakdown"] or "", found["rule"].value


def _stretches(definitions: Mapping[str, Definition], period: Period | None) -> set[Stretch]:
    if period is None:
        return {(code, *code_bounds(one.period_kind)) for code, one in definitions.items()}
    by_kind = {one.kind: one for one in reversed(_ending_in(period))}
    last = {one.kind: one for one in _ending_in(period)}
    return {
        (code, _back(by_kind[one.period_kind]).code, last[one.period_kind].code)
        for code, one in definitions.items()
        if one.period_kind in by_kind
    }


def _ending_in(period: Period) -> list[Period]:
    return periods_ending(first_day(period), last_day(period))


def _back(period: Period) -> Period:
    for _ in range(HISTORY):
        period = neighbour(period, -1) or period
    return period


def _subjects(
    definitions: Mapping[str, Definition], series: Series, ground: Ground, period: Period | None, veil: Veil
) -> Iterator[Subject]:
    asked = None if period is None else set(_ending_in(period))
    for (code, area), stored in series.items():
        definition = definitions[code]
        known = {breakdown: veil.over(definition, area, figures, breakdown) for breakdown, figures in stored.items()}
        for one in _looked_at(definition.period_kind, known.values(), asked):
            yield Subject(definition, area, ground.names[area], one, known, ground.closed)


def _looked_at(kind: PeriodKind, series: Iterable[Sequence[Known]], asked: set[Period] | None) -> list[Period]:
    """The periods asked about that have a figure, or the latest that has."""
    present = {one.period for figures in series for one in figures if one.period.kind is kind}
    if asked is None:
        return [max(present)] if present else []
    return sorted(present & asked)
