"""Which of many series may stand out of step with England or the neighbours: one read, then the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.exceptions.cases import Pair
from services.indicator_api.exceptions.frame import Frame, Scope
from services.indicator_api.exceptions.screen import may_differ
from services.indicator_api.series.comparison import beside
from services.indicator_api.series.known import PER_CENT
from services.indicator_api.series.queries import Figures, read_figures
from shared.database import driver_connection
from shared.schemas.figures import Measure
from shared.schemas.periods import Period

_PARTS = """
SELECT o.indicator, o.area, o.period, o.numerator::float8, o.denominator::float8
  FROM unnest($1::text[], $2::text[]) AS w (indicator, period)
  JOIN observation o ON o.indicator = w.indicator COLLATE "C" AND o.period = w.period COLLATE "C"
 WHERE o.breakdown = '' AND o.area = ANY ($3::text[]) AND o.numerator IS NOT NULL AND o.denominator > 0
"""


class Latest(NamedTuple):
    """A series and the periods whose figures may be set beside others'."""

    pair: Pair
    periods: tuple[Period, ...]


class _Range(NamedTuple):
    lowest: float
    highest: float


async def abreast(session: AsyncSession, frame: Frame, scope: Scope, series: Sequence[Latest]) -> set[Pair]:
    """The pairs that may be out of step at one of their periods; those that a funnel may tell of, all of them."""
    wanted = {
        (one.pair[0], period)
        for one in series
        for period in one.periods
        if frame.definitions[one.pair[0]].measure in (Measure.percentage, Measure.rate)
        and frame.definitions[one.pair[0]].content["benchmarks"]
    }
    if not wanted:
        return set()
    codes = {(indicator, period.code) for indicator, period in wanted}
    references = _References(frame, await _members(session, frame, codes), wanted)
    connection = await driver_connection(session)
    places = sorted({one.pair[1] for one in series})
    rows = await connection.fetch(_PARTS, [one for one, _ in codes], [period for _, period in codes], places)
    asked = {one.pair for one in series}
    found: set[Pair] = set()
    lines: list[tuple[float, float, float, bool, float, float]] = []
    pairs: list[Pair] = []
    for indicator, area, period, numerator, denominator in rows:
        pair, definition = (indicator, area), frame.definitions[indicator]
        if pair not in asked:
            continue
        share = definition.measure is Measure.percentage
        scale = PER_CENT if share else float(definition.multiplier or 1)
        for low, high in references.of(indicator, area, period):
            lines.append((numerator, denominator, scale, share, low, high))
            pairs.append(pair)
        if references.pooled(indicator, area, period):
            found.add(pair)
    if lines:
        x, n, scales, shares, lows, highs = (np.array(column) for column in zip(*lines, strict=True))
        mask = may_differ(x, n, scales, shares.astype(bool), lows, highs)
        found.update(pair for pair, may in zip(pairs, mask, strict=True) if may)
    return found


async def _members(session: AsyncSession, frame: Frame, wanted: set[tuple[str, str]]) -> Figures:
    areas = {member for one in frame.sets.values() for member in one.members}
    return await read_figures(session, {one for one, _ in wanted}, areas, periods=wanted)


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
        self._special |= frame.authorities
        self._known: dict[tuple[str, str, str], list[_Range]] = {}

    def of(self, indicator: str, area: str, period: str) -> list[_Range]:
        key = (indicator, area if area in self._special else "", period)
        if key not in self._known:
            self._known[key] = self._ranges(indicator, area, period)
        return self._known[key]

    def pooled(self, indicator: str, area: str, period: str) -> bool:
        if area not in self._frame.authorities:
            return False
        definition = self._frame.definitions[indicator]
        chosen = self._frame.compared(definition, area, self._periods[indicator, period])
        return self._frame.in_funnel(definition, area, chosen)

    def _ranges(self, indicator: str, area: str, period: str) -> list[_Range]:
        definition = self._frame.definitions[indicator]
        found = []
        for one in self._frame.compared(definition, area, self._periods[indicator, period]):
            figures = {
                member: self._values[indicator, member, period]
                for member in one.members
                if (indicator, member, period) in self._values
            }
            references = beside(one.members, figures, definition.polarity, area).references
            if references:
                found.append(_Range(min(references), max(references)))
        return found
