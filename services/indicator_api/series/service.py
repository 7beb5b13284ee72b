"""One indicator's whole answer: figures, intervals, limits, breaks and comparators of every area asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.comparators.sets import ALL_AUTHORITIES, ComparatorSet, Everyone, read_sets
from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition, read_definition, read_definitions
from services.indicator_api.memo import Memo
from services.indicator_api.places import read_authorities
from services.indicator_api.series import comparison
from services.indicator_api.series.area import write_area
from services.indicator_api.series.asked import Window
from services.indicator_api.series.chart import is_charted
from services.indicator_api.series.derived import with_parts
from services.indicator_api.series.known import CONFIDENCE, Known, Veil, interval_of, latest_recorded, prepared
from services.indicator_api.series.places import Place, read_map
from services.indicator_api.series.points import PointWriter
from services.indicator_api.series.queries import read_figures
from services.indicator_api.series.roll_up import Ground
from shared.auth.caller import Caller
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.figures import BenchmarkOutcome, Measure
from shared.schemas.periods import Period

# Some ten kilobytes each.
_areas: Memo[dict[str, Any]] = Memo(room=4_000)
_Set = ComparatorSet | Everyone
_OVERLAPPING = "The points of this series overlap, so it has no control limits."
_GRADES = "Grades are not numbers to compute limits of."


@dataclass(frozen=True)
class Question:
    """What a caller asks of one indicator; `newest` cuts what a pack shows, never what limits rest on."""

    indicator: str
    areas: Sequence[str]
    window: Window
    comparators: Sequence[str]
    breakdown: str
    as_at: datetime | None
    continued: bool = False
    newest: int | None = None


async def answer(
    session: AsyncSession, caller: Caller, question: Question, veil: Veil, now: datetime
) -> dict[str, Any]:
    """The series as `IndicatorSeries` describes it; raises NotFound and Malformed."""
    definition = (await read_definitions(session, [question.indicator], retired=True)).get(question.indicator)
    if definition is None:
        raise NotFound()
    known = await read_map(session, caller, question.areas)
    sets = await _sets(session, question.comparators)
    wanted = known.codes() | {code for one in sets for code in one.members}
    definitions = await with_parts(session, {definition.code: definition})
    stored = await read_figures(session, definitions, wanted, breakdown=question.breakdown, as_at=question.as_at)
    veil = await prepared(session, veil, definitions, stored)
    ground = Ground.of(definition, definitions, known, stored, veil, question.breakdown)
    places = list(known.places.values())
    found = ground.lives if question.continued else ground.series
    series = {place.code: within(question.window, found(place)) for place in places}
    editions = await _editions(session, definition, series.values())
    first = places[0]
    compared = [_comparator(ground, question.window, one, first, series[first.code]) for one in sets]
    return {
        **head_of(definition),
        "areas": [_kept_area(editions, definition, place, series[place.code], question.breakdown) for place in places],
        "comparators": [one for one, _ in compared],
        "caveats": [*caveats_of(definition, sets), *(words for _, words in compared if words)],
        "as_at": question.as_at or now,
        "latest_recorded_at": latest_recorded(one for figures in series.values() for one in figures),
    }


def head_of(definition: Definition) -> dict[str, Any]:
    """What an answer says of the indicator, before its areas."""
    return {
        "indicator": definition.code,
        "version": definition.version,
        "title": definition.title,
        "unit": definition.content["unit"],
        "measure": definition.measure,
        "polarity": definition.polarity,
        "decimal_places": definition.decimal_places,
        "series_kind": definition.content["series_kind"],
    }


def within(window: Window, figures: Iterable[Known]) -> list[Known]:
    """The figures of the periods asked for."""
    return list(figures) if window.is_open else [one for one in figures if window.holds(one.period)]


async def _sets(session: AsyncSession, codes: Sequence[str]) -> list[_Set]:
    if not codes:
        return []
    found: dict[str, _Set] = {**await read_sets(session, codes)}
    if ALL_AUTHORITIES in codes:
        found[ALL_AUTHORITIES] = Everyone(tuple(await read_authorities(session)))
    if any(code not in found for code in codes):
        detail = "one of these is not the code of a comparator set; `/v1/comparators` lists them"
        raise Malformed("A comparator is unknown.", errors=[Fault("/query/comparators", "unknown_code", detail)])
    return [found[code] for code in codes]


async def _editions(
    session: AsyncSession, definition: Definition, series: Iterable[Iterable[Known]]
) -> dict[int, Definition]:
    """The definition each figure was recorded under: an old figure keeps its own arithmetic."""
    found = {definition.version: definition}
    for version in sorted({one.version for figures in series for one in figures} - set(found)):
        found[version] = await read_definition(session, definition.code, version) or definition
    return found


def _kept_area(
    editions: Mapping[int, Definition], definition: Definition, place: Place, figures: Sequence[Known], breakdown: str
) -> dict[str, Any]:
    slot, everything = (definition.code, place.code, breakdown), (editions, definition, place, figures)

    def make() -> dict[str, Any]:
        writers = {version: PointWriter(edition) for version, edition in editions.items()}
        made: dict[str, Any] = from_json(write_area(writers, definition, place, figures, breakdown))
        return made

    return _areas.made(slot, everything, make)


def _comparator(
    ground: Ground, window: Window, chosen: _Set, place: Place, figures: Sequence[Known]
) -> tuple[dict[str, Any], str | None]:
    """What a place is set beside, and a caveat where figures of it are left out."""
    definition = ground.definition
    points: list[dict[str, Any]] = []
    left_out = False
    if comparison.withheld_reason(definition, chosen.code) is None:
        own = {one.period: one for one in figures}
        periods = comparison.by_period(chosen.members, lambda code: within(window, ground.of_area(code)))
        for period, members in periods.items():
            in_force = chosen.in_force(last_day(period))
            comparable = in_force and chosen.fits(place.code)
            mine = own.get(period)
            like = _of_one_definition(members, mine)
            left_out = left_out or len(like) < len(members)
            points.append(
                _comparator_point(ground, chosen, place.code, period, like, mine if comparable else None)
                | {"period": period.code, "in_force": in_force}
            )
    words = f"{chosen.name}: figures of another definition are left out." if left_out else None
    told = {"comparator_set": chosen.code, "name": chosen.name, "version": chosen.version, "kind": chosen.kind}
    return told | {"points": points}, words


def _of_one_definition(members: Mapping[str, Known], mine: Known | None) -> dict[str, Known]:
    """Those that count as the place does, or as the newest of them where it has no figure of its own."""
    version = mine.version if mine else max((one.version for one in members.values()), default=0)
    return {code: one for code, one in members.items() if one.version == version}


def _comparator_point(
    ground: Ground, chosen: _Set, area: str, period: Period, figures: Mapping[str, Known], own: Known | None
) -> dict[str, Any]:
    definition, members = ground.definition, chosen.members_on(last_day(period))
    found = comparison.beside(members, figures, definition.polarity, area)
    if not chosen.speaks(found.group.n_available, found.group.n_members):
        found = comparison.unspoken(found)
    interval = interval_of(definition, own, CONFIDENCE) if own else None
    group, single = found.group, found.single
    alone = len(members) == 1
    outcome = found.outcome(interval, definition.polarity) if interval else BenchmarkOutcome.not_compared
    return {
        "value": single.value if single else None,
        "value_status": single.status if single else None,
        "mean": None if alone else _tidy(group.mean),
        "median": None if alone else _tidy(group.median),
        "minimum": None if alone else group.minimum,
        "maximum": None if alone else group.maximum,
        "best": None if alone else group.best,
        "n_available": group.n_available,
        "n_members": group.n_members,
        "outcome": outcome,
    }


def _tidy(average: float | None) -> float | None:
    """Without the last digits that adding binary fractions leaves behind (63.3, not 63.300000000000004)."""
    return None if average is None else float(f"{average:.12g}")


def caveats_of(definition: Definition, sets: Sequence[_Set]) -> list[str]:
    """What a reader must know before the figures."""
    found = [definition.content["gss_note"]]
    if not is_charted(definition):
        found.append(_GRADES if definition.measure is Measure.ordinal else _OVERLAPPING)
    found += [comparison.withheld_reason(definition, one.code) for one in sets]
    return [text for text in found if text]
