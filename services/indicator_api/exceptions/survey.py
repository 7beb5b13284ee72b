"""Looks over all series of many places at once and picks those that have to be judged one by one.

Figures are read as one row for each series, its periods and values as two texts: a quarter of what the rows
themselves would take. Series with the same periods make one matrix, and the screen goes over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.abreast import Latest, abreast
from services.indicator_api.exceptions.cases import Pair
from services.indicator_api.exceptions.change import may_trend
from services.indicator_api.exceptions.frame import Frame, Scope
from services.indicator_api.exceptions.lateness import due_on, is_expected, is_tracked
from services.indicator_api.exceptions.screen import Mask, Matrix, may_signal
from services.indicator_api.exceptions.seasons import is_seasonal
from services.indicator_api.series.chart import is_charted, neighbour, target_for
from services.indicator_api.series.known import period_of
from services.indicator_api.statistics.trend import YEARS
from shared.database import driver_connection
from shared.schemas.figures import Measure, Polarity
from shared.schemas.periods import Period

_SERIES = """
SELECT indicator, area, string_agg(period, ',') AS periods,
       string_agg(coalesce(value::text, 'nan'), ',') AS figures,
       min(definition_version) AS first_version, max(definition_version) AS last_version
  FROM (SELECT indicator, area, period, value, definition_version FROM observation
         WHERE breakdown = '' AND area = ANY ($1::text[]) ORDER BY indicator, area, period) AS f
 GROUP BY indicator, area
"""
_NEVER_SUMMED = (Measure.money, Measure.ordinal)


@dataclass
class Survey:
    """What has to be judged, which of it only for what is owed, and what there was to examine, by place."""

    doubtful: set[Pair] = field(default_factory=set)
    late: set[Pair] = field(default_factory=set)
    counted: dict[str, list[str]] = field(default_factory=dict)

    @property
    def pairs(self) -> list[Pair]:
        return sorted(self.doubtful | self.late)

    @property
    def calm(self) -> frozenset[Pair]:
        return frozenset(self.late - self.doubtful)


@dataclass(frozen=True, slots=True)
class Strand:
    """One series as it was read: its periods in order, its values in theirs."""

    pair: Pair
    periods: tuple[Period, ...]
    values: Matrix
    one_version: bool


async def survey(session: AsyncSession, frame: Frame, scope: Scope) -> Survey:
    """Every series of the frame's places; the veil must be lifted, for hidden figures are not what is stored."""
    strands = await _read(session, frame, scope)
    found = Survey()
    own: list[Strand] = []
    for place in frame.known.places.values():
        codes = frame.codes(place)
        for indicator, definition in frame.definitions.items():
            pair = (indicator, place.code)
            strand = strands.get(pair)
            below = [strands[indicator, code] for code in codes if code != place.code and (indicator, code) in strands]
            if strand is None and not below:
                if is_expected(definition, place.code):
                    found.doubtful.add(pair)
                    found.counted.setdefault(place.code, []).append(indicator)
                continue
            found.counted.setdefault(place.code, []).append(indicator)
            if strand is None or _irregular(frame, definition, strand, below):
                found.doubtful.add(pair)
            else:
                own.append(strand)
    _signals(frame, scope, own, found)
    _owed(frame, scope, own, found)
    found.doubtful |= await abreast(session, frame, scope, [_latest(scope, one) for one in own])
    return found


async def _read(session: AsyncSession, frame: Frame, scope: Scope) -> dict[Pair, Strand]:
    connection = await driver_connection(session)
    areas = sorted({code for place in frame.known.places.values() for code in frame.codes(place)})
    rows = await connection.fetch(_SERIES, areas)
    alike: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        if row["indicator"] in frame.definitions:
            alike.setdefault(row["periods"], []).append(row)
    found: dict[Pair, Strand] = {}
    for text, group in alike.items():
        periods = [period_of(code) for code in text.split(",")]
        order = sorted(range(len(periods)), key=lambda at: (periods[at].year, periods[at].part))
        order = [at for at in order if last_day(periods[at]) <= scope.day]
        if not order:
            continue
        kept = tuple(periods[at] for at in order)
        flat = np.fromstring(",".join(row["figures"] for row in group), sep=",")
        matrix = flat.reshape(len(group), len(periods))[:, order]
        for row, values in zip(group, matrix, strict=True):
            pair = (row["indicator"], row["area"])
            found[pair] = Strand(pair, kept, values, row["first_version"] == row["last_version"])
    return found


def _irregular(frame: Frame, definition: Definition, strand: Strand, below: Iterable[Strand]) -> bool:
    """Whether the series is more than its own figures in one stretch: sums, breaks, seasons, five annual points."""
    place = frame.known.places[strand.pair[1]]
    if definition.content["derived_from"] or is_seasonal(definition) or not strand.one_version:
        return True
    if place.successors or (place.predecessors and place.valid_from and last_day(strand.periods[0]) < place.valid_from):
        return True
    if may_trend(definition) and len(strand.periods) >= YEARS:
        return True
    if definition.measure in _NEVER_SUMMED:
        return False
    own = strand.periods
    return any(one.periods != own and not set(one.periods) <= set(own) for one in below)


def _signals(frame: Frame, scope: Scope, strands: Sequence[Strand], found: Survey) -> None:
    groups: dict[tuple[Period, ...], list[Strand]] = {}
    for one in strands:
        if is_charted(frame.definitions[one.pair[0]]):
            groups.setdefault(one.periods, []).append(one)
    for periods, group in groups.items():
        matrix = np.stack([one.values for one in group])
        mask = _may_signal(frame, group, periods, matrix)
        before = _end_before(scope, periods)
        if before:
            # A latest figure without a value neither raises nor ends anything.
            mask |= _may_signal(frame, group, periods[:before], matrix[:, :before]) & ~np.isnan(matrix[:, -1])
        found.doubtful.update(one.pair for one, may in zip(group, mask, strict=True) if may)


def _end_before(scope: Scope, periods: Sequence[Period]) -> int:
    """How many figures can have been known on the earlier day, where they may be fewer than now."""
    known = sum(last_day(one) <= scope.since for one in periods)
    return known if known < len(periods) else known - 1


def _may_signal(frame: Frame, group: Sequence[Strand], periods: Sequence[Period], matrix: Matrix) -> Mask:
    above, below = np.full(len(group), -np.inf), np.full(len(group), np.inf)
    for row, one in enumerate(group):
        definition = frame.definitions[one.pair[0]]
        target = target_for(definition, periods[-1]) if definition.content["targets"] else None
        if target is not None and definition.polarity is not Polarity.no_judgement:
            (above if definition.polarity is Polarity.high_is_good else below)[row] = target
    gaps = [place for place, (a, b) in enumerate(pairwise(periods), 1) if neighbour(a, 1) != b]
    return may_signal(np.insert(matrix, gaps, np.nan, axis=1) if gaps else matrix, above, below)


def _owed(frame: Frame, scope: Scope, strands: Iterable[Strand], found: Survey) -> None:
    known: dict[tuple[str, Period], bool] = {}
    for one in strands:
        key = (one.pair[0], one.periods[-1])
        if key not in known:
            definition, following = frame.definitions[key[0]], neighbour(key[1], 1)
            known[key] = is_tracked(definition) and following is not None and due_on(definition, following) < scope.day
        if known[key]:
            found.late.add(one.pair)


def _latest(scope: Scope, strand: Strand) -> Latest:
    """The series with the periods whose figures may be set beside others': the latest now and on the earlier day."""
    before = _end_before(scope, strand.periods)
    ends = {strand.periods[-1], strand.periods[before - 1]} if before else {strand.periods[-1]}
    return Latest(strand.pair, tuple(ends))
