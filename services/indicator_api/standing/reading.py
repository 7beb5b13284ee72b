"""Reading figures with all they are set beside: one's own series, then others' figures of exactly those periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.comparators.sets import ALL_AUTHORITIES, ComparatorSet, read_sets, resolve
from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition, read_edition
from services.indicator_api.memo import Memo
from services.indicator_api.places import Authority, read_authorities, read_names
from services.indicator_api.series.derived import part_codes, with_parts
from services.indicator_api.series.known import Known, Veil, prepared
from services.indicator_api.series.places import Place, read_map
from services.indicator_api.series.queries import TOTAL, Figures, read_figures
from services.indicator_api.series.roll_up import Ground
from services.indicator_api.standing.subject import Subject
from shared.auth.caller import Caller
from shared.problems import Fault, Malformed
from shared.schemas.periods import Period

# Of each indicator in each place: a kilobyte, and some ten.
_own: Memo[list[list[Known]]] = Memo(10_000, weigh=lambda made: 1 + len(made))
_whole: Memo[list[Subject]] = Memo(1_000, weigh=lambda made: 1 + len(made))


@dataclass(frozen=True)
class Question:
    """Which figures: the latest of a period that had ended by `day`, or those of one period.

    Without `comparators` they are set beside what their indicator names.
    """

    definitions: Sequence[Definition]
    areas: Sequence[str]
    day: date
    period: Period | None = None
    comparators: Sequence[str] = ()
    breakdown: str = TOTAL
    as_at: datetime | None = None


class Found(NamedTuple):
    """The places asked for, and each indicator in each of them in the order asked for."""

    places: list[Place]
    subjects: list[Subject]


async def read_subjects(session: AsyncSession, caller: Caller, question: Question, veil: Veil) -> Found:
    """Everything positions and standings are computed from; raises NotFound and Malformed."""
    wanted = {one.code: one for one in question.definitions}
    every = await with_parts(session, wanted)
    known = await read_map(session, caller, question.areas)
    sets = await _read_sets(session, question.comparators)
    own = await read_figures(session, every, known.codes(), breakdown=question.breakdown, as_at=question.as_at)
    veil = await prepared(session, veil, every, own)
    slot = hash((*wanted, *question.areas, *question.comparators, question.period, question.breakdown, question.as_at))
    pairs = [(definition, place) for definition in question.definitions for place in known.places.values()]

    def series(definition: Definition, place: Place) -> list[Known]:
        return Ground.of(definition, every, known, own, veil, question.breakdown).series(place)

    made_of: Any = (list(wanted), every, known, own, veil, question.breakdown)
    found = _own.made(slot, made_of, lambda: [series(*pair) for pair in pairs])
    authorities = await read_authorities(session)
    drafts = [_draft(question, *pair, figures, sets, authorities) for pair, figures in zip(pairs, found, strict=True)]
    others = await _read_others(session, question, every, drafts)
    veil = await prepared(session, veil, every, others)
    names = await read_names(session, sorted({area for one in drafts for area in _areas_beside(one)}))
    editions = await _read_editions(session, drafts)

    def whole(one: Subject) -> Subject:
        edition = editions[one.definition.code, one.edition.version]
        ground = Ground.of(edition, every, known, others, veil, question.breakdown)
        return replace(one, edition=edition, others=_others(ground, one), names=names)

    made_of = (drafts, editions, every, known, others, veil, names)
    subjects = _whole.made(slot, made_of, lambda: [whole(one) for one in drafts])
    return Found(list(known.places.values()), subjects)


async def _read_sets(session: AsyncSession, asked: Sequence[str]) -> dict[str, ComparatorSet]:
    sets = await read_sets(session)
    if any(code not in sets and code != ALL_AUTHORITIES for code in asked):
        detail = "one of these is not the code of a comparator set; `/v1/comparators` lists them"
        raise Malformed("A comparator is unknown.", errors=[Fault("/query/comparators", "unknown_code", detail)])
    return sets


def _draft(
    question: Question,
    definition: Definition,
    place: Place,
    series: Iterable[Known],
    sets: Mapping[str, ComparatorSet],
    authorities: Iterable[Authority],
) -> Subject:
    """What is known before others' figures are read: which period it is, and what it is to be set beside."""
    figures = [one for one in series if last_day(one.period) <= question.day]
    period = question.period or (figures[-1].period if figures else None)
    day = last_day(period) if period else question.day
    named = question.comparators
    chosen = [sets[code] for code in named if code in sets] if named else _declared(definition, place, day, sets)
    ranked = ALL_AUTHORITIES in named if named else bool(definition.content["benchmarks"])
    subject = Subject(
        definition,
        definition,
        place,
        question.breakdown,
        period,
        [one for one in figures if period is not None and one.period <= period],
        chosen,
        {},
        [one.code for one in authorities if one.was_there(day)] if ranked else [],
        {},
        ranked,
    )
    own = subject.own
    # A figure of an earlier definition keeps its own arithmetic; which that was is read below.
    return subject if own is None else replace(subject, edition=replace(definition, version=own.version))


def _declared(
    definition: Definition, place: Place, day: date, sets: Mapping[str, ComparatorSet]
) -> list[ComparatorSet]:
    """The indicator's benchmarks, and those that are withheld, as they hold for the place and the day."""
    content = definition.content
    withheld = [one["comparator_set"] for one in content["benchmarks_withheld"]]
    return resolve([sets[code] for code in (*content["benchmarks"], *withheld) if code in sets], place.code, day)


def _areas_beside(subject: Subject) -> set[str]:
    return {*subject.authorities, *(member for one in subject.sets for member in one.members)}


async def _read_others(
    session: AsyncSession, question: Question, every: Mapping[str, Definition], drafts: Sequence[Subject]
) -> Figures:
    """Others' figures of exactly those periods, and those of the indicators that theirs are made of."""
    pairs = {
        (code, one.period.code)
        for one in drafts
        if one.period is not None and _areas_beside(one)
        for code in (one.definition.code, *part_codes(one.definition))
        if code in every
    }
    areas = {area for one in drafts for area in _areas_beside(one)}
    if not pairs:
        return {}
    codes = {code for code, _ in pairs}
    return await read_figures(session, codes, areas, breakdown=question.breakdown, as_at=question.as_at, periods=pairs)


async def _read_editions(session: AsyncSession, drafts: Iterable[Subject]) -> dict[tuple[str, int], Definition]:
    found: dict[tuple[str, int], Definition] = {}
    for one in drafts:
        code, version = one.definition.code, one.edition.version
        if (code, version) not in found:
            found[code, version] = await read_edition(session, one.definition, version)
    return found


def _others(ground: Ground, subject: Subject) -> dict[str, Known]:
    """The figures of that very period wherever it is to be set beside, as the caller may know them."""
    return {
        area: one for area in _areas_beside(subject) for one in ground.of_area(area) if one.period == subject.period
    }
