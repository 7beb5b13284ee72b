"""Looks over all series of many places at once and picks those that have to be judged one by one.

Figures are read as one row for each series, its periods and values as two texts: a quarter of what the rows
themselves would take. Series with the same periods make one matrix, and the screen goes over it. The database reads
the next indicators while these are looked over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg
import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.abreast import Latest, abreast
from services.indicator_api.exceptions.evaluate import Look
from services.indicator_api.exceptions.frame import Frame, Pair, Scope
from services.indicator_api.exceptions.glance import end_before, is_plain, signals
from services.indicator_api.exceptions.lateness import due_on, is_expected, is_tracked
from services.indicator_api.exceptions.reading import NEVER_SUMMED, adds_up
from services.indicator_api.exceptions.screen import Matrix
from services.indicator_api.series.chart import is_charted, neighbour
from services.indicator_api.series.derived import part_codes
from services.indicator_api.series.known import period_of
from services.indicator_api.series.places import Place
from shared.database import driver_connection
from shared.schemas.periods import Period

_SERIES = """
SELECT indicator, area, string_agg(period, ',') AS periods,
       string_agg(coalesce(value::text, 'nan'), ',') AS figures,
       min(definition_version) AS first_version, max(definition_version) AS last_version
  FROM (SELECT indicator, area, period, value, definition_version FROM observation
         WHERE breakdown = '' AND area = ANY ($1::text[]) AND indicator = ANY ($2::text[])
         ORDER BY indicator, area, period) AS f
 GROUP BY indicator, area
"""
# Of how many indicators series are read at once.
_AT_ONCE = 50


@dataclass
class Survey:
    """The pairs that may signal now, or did before, or stand out of step, or owe a figure; and what was examined."""

    now: set[Pair] = field(default_factory=set)
    before: set[Pair] = field(default_factory=set)
    beside: set[Pair] = field(default_factory=set)
    late: set[Pair] = field(default_factory=set)
    # Those that are more than the screen can judge.
    intricate: set[Pair] = field(default_factory=set)
    # Those whose own figures leave no sum of units to make.
    alone: set[Pair] = field(default_factory=set)
    # Those of which some figures are sums of units.
    sums: set[Pair] = field(default_factory=set)
    # The indicators the screen examined, by place; of what is judged, judging tells.
    counted: dict[str, set[str]] = field(default_factory=dict)

    @property
    def pairs(self) -> list[Pair]:
        """All that has to be judged."""
        return sorted(self.now | self.before | self.beside | self.late | self.intricate)

    @property
    def looks(self) -> dict[Pair, Look]:
        """What each of the pairs has to be looked at for."""
        return {
            pair: Look() if pair in self.intricate else Look(pair in self.now, pair in self.before, pair in self.beside)
            for pair in self.pairs
        }


@dataclass(frozen=True, slots=True)
class Strand:
    """One series as it was read: its periods in order, its values in theirs."""

    pair: Pair
    periods: tuple[Period, ...]
    values: Matrix
    versions: tuple[int, int]

    def is_plain(self, definition: Definition, place: Place) -> bool:
        return is_plain(definition, place, self.periods, one_version=set(self.versions) == {definition.version})


async def survey(session: AsyncSession, frame: Frame, scope: Scope) -> Survey:
    """Every series of the frame's places; the veil must be lifted, for hidden figures are not what is stored."""
    connection = await driver_connection(session)
    areas = sorted({code for place in frame.known.places.values() for code in frame.codes(place)})
    codes, found = sorted(frame.definitions), Survey()
    latest: list[Latest] = []

    async def read(some: Sequence[str]) -> list[asyncpg.Record]:
        return list(await connection.fetch(_SERIES, areas, some))

    parts = [codes[start : start + _AT_ONCE] for start in range(0, len(codes), _AT_ONCE)]
    reading: asyncio.Task[list[asyncpg.Record]] | None = None
    try:
        for some, following in zip(parts, [*parts[1:], None], strict=False):
            records = await (reading or read(some))
            # The database reads what follows while this is looked over.
            reading = asyncio.create_task(read(following)) if following else None
            await asyncio.sleep(0)
            latest += _sift(frame, scope, some, _strands(scope, records), found)
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.wait([reading])
    found.beside |= await abreast(session, frame, latest)
    return found


def _sift(
    frame: Frame, scope: Scope, indicators: Sequence[str], strands: Mapping[Pair, Strand], found: Survey
) -> Iterable[Latest]:
    """Notes what has to be judged of these indicators, but for comparisons: those it returns."""
    own: list[Strand] = []
    uneven = _uneven(strands.values())
    for place in frame.known.places.values():
        codes = frame.codes(place)[1:]
        for indicator in indicators:
            definition, pair = frame.definitions[indicator], (indicator, place.code)
            strand, below = strands.get(pair), []
            if strand is None or indicator in uneven:
                below = [strands[indicator, code] for code in codes if (indicator, code) in strands]
            if strand is not None and _is_alone(definition, strand, below):
                found.alone.add(pair)
                if strand.is_plain(definition, place):
                    own.append(strand)
                    found.counted.setdefault(place.code, set()).add(indicator)
                    continue
            elif below and adds_up(definition):
                found.sums.add(pair)
            if strand or below or part_codes(definition) or is_expected(definition, place.code):
                found.intricate.add(pair)
    _signals(frame, scope, own, found)
    _owed(frame, scope, own, found)
    return [_latest(scope, group) for group in _alike(own)]


def _strands(scope: Scope, rows: Iterable[asyncpg.Record]) -> dict[Pair, Strand]:
    alike: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        alike.setdefault(row["periods"], []).append(row)
    found: dict[Pair, Strand] = {}
    for text, group in alike.items():
        periods = [period_of(code) for code in text.split(",")]
        order = sorted(range(len(periods)), key=lambda at: periods[at].standing)
        order = [at for at in order if last_day(periods[at]) <= scope.day]
        if not order:
            continue
        kept = tuple(periods[at] for at in order)
        flat = np.fromstring(",".join(row["figures"] for row in group), sep=",")
        matrix = flat.reshape(len(group), len(periods))[:, order]
        for row, values in zip(group, matrix, strict=True):
            pair = (row["indicator"], row["area"])
            found[pair] = Strand(pair, kept, values, (row["first_version"], row["last_version"]))
    return found


def _uneven(strands: Iterable[Strand]) -> set[str]:
    """The indicators whose series are not all of the same periods, so that there may be a sum to make."""
    first: dict[str, tuple[Period, ...]] = {}
    return {one.pair[0] for one in strands if first.setdefault(one.pair[0], one.periods) is not one.periods}


def _is_alone(definition: Definition, strand: Strand, below: Iterable[Strand]) -> bool:
    """Whether the series is its own figures and no more: nothing is summed for any period, nothing derived."""
    if part_codes(definition):
        return False
    own = strand.periods
    return definition.measure in NEVER_SUMMED or all(
        one.periods is own or set(one.periods) <= set(own) for one in below
    )


def _signals(frame: Frame, scope: Scope, strands: Iterable[Strand], found: Survey) -> None:
    for group in _alike(one for one in strands if is_charted(frame.definitions[one.pair[0]])):
        definitions = [frame.definitions[one.pair[0]] for one in group]
        masks = signals(definitions, scope, group[0].periods, np.stack([one.values for one in group]))
        for mask, pairs in zip(masks, (found.now, found.before), strict=True):
            pairs.update(group[row].pair for row in np.flatnonzero(mask))


def _alike(strands: Iterable[Strand]) -> Iterable[list[Strand]]:
    """Those with the same periods, which share one tuple of them."""
    groups: dict[int, list[Strand]] = {}
    for one in strands:
        groups.setdefault(id(one.periods), []).append(one)
    return groups.values()


def _owed(frame: Frame, scope: Scope, strands: Iterable[Strand], found: Survey) -> None:
    known: dict[tuple[str, int], bool] = {}
    for one in strands:
        key = (one.pair[0], id(one.periods))
        if key not in known:
            definition, following = frame.definitions[key[0]], neighbour(one.periods[-1], 1)
            known[key] = is_tracked(definition) and following is not None and due_on(definition, following) < scope.day
        if known[key]:
            found.late.add(one.pair)


def _latest(scope: Scope, group: Sequence[Strand]) -> Latest:
    """Those with the periods whose figures may be set beside others': the latest now and on the earlier day."""
    periods = group[0].periods
    before = end_before(scope, periods)
    ends = {periods[-1], periods[before - 1]} if before else {periods[-1]}
    return Latest([one.pair for one in group], tuple(ends))
