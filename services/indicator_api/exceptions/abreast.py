"""Which of many series may stand out of step with England or the neighbours: one read, then the screen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.exceptions.frame import Frame, Pair, is_enough
from services.indicator_api.exceptions.reading import read_at
from services.indicator_api.exceptions.screen import Matrix, may_differ
from services.indicator_api.series.comparison import beside
from services.indicator_api.series.known import PER_CENT
from services.indicator_api.series.queries import Figures
from shared.database import driver_connection
from shared.schemas.figures import Measure
from shared.schemas.periods import Period

_PARTS = """
SELECT o.indicator, o.period, array_agg(o.area) AS areas, array_agg(o.numerator::float8) AS numerators,
       array_agg(o.denominator::float8) AS denominators
  FROM unnest($1::text[], $2::text[]) AS w (indicator, period)
  JOIN observation o ON o.indicator = w.indicator COLLATE "C" AND o.period = w.period COLLATE "C"
 WHERE o.breakdown = '' AND o.area = ANY ($3::text[]) AND o.numerator IS NOT NULL AND o.denominator > 0
 GROUP BY o.indicator, o.period
"""


# How many authorities have a figure that a funnel may take, those too that were none by the end of the period.
_POOLED = """
SELECT o.indicator, o.period, count(*) AS authorities
  FROM unnest($1::text[], $2::text[]) AS w (indicator, period)
  JOIN observation o ON o.indicator = w.indicator COLLATE "C" AND o.period = w.period COLLATE "C"
 WHERE o.breakdown = '' AND o.area = ANY ($3::text[]) AND o.value IS NOT NULL AND o.numerator IS NOT NULL
   AND o.denominator <> 0
 GROUP BY o.indicator, o.period
"""


class Latest(NamedTuple):
    """Series and the periods whose figures may be set beside others'."""

    pairs: Sequence[Pair]
    periods: tuple[Period, ...]


class _Range(NamedTuple):
    lowest: float
    highest: float


class _Column(NamedTuple):
    """Figures of one indicator and period that are set against the same references."""

    pairs: list[Pair]
    numerators: Matrix
    denominators: Matrix
    scale: float
    share: bool
    lowest: float
    highest: float


async def abreast(session: AsyncSession, frame: Frame, series: Sequence[Latest]) -> set[Pair]:
    """The pairs that may be out of step at one of their periods; where there may be a funnel, all it may tell of."""
    wanted = {
        (indicator, period)
        for one in series
        for indicator in {indicator for indicator, _ in one.pairs}
        if frame.definitions[indicator].measure in (Measure.percentage, Measure.rate)
        and frame.definitions[indicator].content["benchmarks"]
        for period in one.periods
    }
    if not wanted:
        return set()
    asked = {pair for one in series for pair in one.pairs}
    codes = {(indicator, period.code) for indicator, period in wanted}
    places = sorted({place for _, place in asked})
    references = _References(frame, await _members(session, frame, codes), wanted)
    pooled = await _pooled(session, frame, codes) if frame.authorities.keys() & places else set()
    columns: list[_Column] = []
    found: set[Pair] = set()
    for indicator, period, areas, numerators, denominators in await _parts(session, codes, places):
        pairs = [(indicator, area) for area in areas]
        if (indicator, period) in pooled:
            found.update(pair for pair in pairs if references.pooled(*pair, period))
        columns += references.columns(pairs, period, np.array(numerators), np.array(denominators))
    if columns:
        found |= _differing(columns)
    return found & asked


def _differing(columns: Sequence[_Column]) -> set[Pair]:
    pairs = [pair for column in columns for pair in column.pairs]
    x, n = (np.concatenate([getattr(column, name) for column in columns]) for name in ("numerators", "denominators"))
    same = np.array([(column.scale, column.share, column.lowest, column.highest) for column in columns])
    scale, share, lowest, highest = np.repeat(same, [len(column.pairs) for column in columns], axis=0).T
    return {pairs[row] for row in np.flatnonzero(may_differ(x, n, scale, share > 0, lowest, highest))}


async def _parts(session: AsyncSession, codes: Collection[tuple[str, str]], places: Sequence[str]) -> list[Any]:
    connection = await driver_connection(session)
    return list(await connection.fetch(_PARTS, *_texts(codes), places))


async def _pooled(session: AsyncSession, frame: Frame, codes: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """The indicators and periods that may have a funnel."""
    connection = await driver_connection(session)
    rows = await connection.fetch(_POOLED, *_texts(codes), sorted(frame.authorities))
    there = {code: len(frame.authorities_in(Period.parse(code))) for code in {period for _, period in codes}}
    return {(indicator, period) for indicator, period, found in rows if is_enough(found, there[period])}


def _texts(codes: Collection[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [indicator for indicator, _ in codes], [period for _, period in codes]


async def _members(session: AsyncSession, frame: Frame, wanted: set[tuple[str, str]]) -> Figures:
    areas = {member for one in frame.sets.values() for member in one.members}
    return await read_at(session, wanted, areas)


class _References:
    """What each place is set against for a period: the same for all but those with sets of their own."""

    def __init__(self, frame: Frame, members: Figures, wanted: set[tuple[str, Period]]) -> None:
        self._frame = frame
        self._periods = {(indicator, period.code): period for indicator, period in wanted}
        self._values = {
            (indicator, area, one.period.code): one for (indicator, area), figures in members.items() for one in figures
        }
        sets = frame.sets.values()
        self._special = {one.subject for one in sets} | {member for one in sets for member in one.members}
        self._special |= frame.authorities.keys()

    def columns(self, pairs: Sequence[Pair], period: str, x: Matrix, n: Matrix) -> list[_Column]:
        """The figures against each of their references."""
        rows: dict[str, list[int]] = {}
        for row, (_, area) in enumerate(pairs):
            rows.setdefault(area if area in self._special else "", []).append(row)
        definition = self._frame.definitions[pairs[0][0]]
        share = definition.measure is Measure.percentage
        scale = PER_CENT if share else float(definition.multiplier or 1)
        return [
            _Column([pairs[row] for row in same], x[same], n[same], scale, share, *each)
            for same in rows.values()
            for each in self._ranges(*pairs[same[0]], period)
        ]

    def pooled(self, indicator: str, area: str, period: str) -> bool:
        if area not in self._frame.authorities:
            return False
        definition = self._frame.definitions[indicator]
        of = self._periods[indicator, period]
        return self._frame.in_funnel(definition, area, self._frame.compared(definition, area, of), of)

    def _ranges(self, indicator: str, area: str, period: str) -> list[_Range]:
        definition = self._frame.definitions[indicator]
        found = []
        for one in self._frame.compared(definition, area, self._periods[indicator, period]):
            figures = {
                member: self._values[indicator, member, period]
                for member in one.members
                if (indicator, member, period) in self._values
                and self._values[indicator, member, period].version == definition.version
            }
            references = beside(one.members, figures, definition.polarity, area).references
            if references:
                found.append(_Range(min(references), max(references)))
        return found
