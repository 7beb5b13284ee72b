"""Reads the figures of pairs of an indicator and a place, and nothing beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.frame import Frame, Pair
from services.indicator_api.series.derived import part_codes
from services.indicator_api.series.known import Known, period_of
from services.indicator_api.series.queries import STATUSES, Figures, read_figures
from shared.database import driver_connection
from shared.schemas.figures import Measure

# Money may be a sum or a cost for each; a grade is neither.
NEVER_SUMMED = (Measure.money, Measure.ordinal)

# By the driver itself, and no more than exceptions tell of: one changed series is read inside the import that changed
# it, and every millisecond counts.
_FIGURE = """
SELECT o.indicator, o.area, o.period, o.value::float8, o.value_status, o.numerator::float8, o.denominator::float8,
       o.definition_version
"""
# Arrays come by way of a subquery, as in `kept_series`.
_PAIRS = f"""{_FIGURE}
  FROM unnest((SELECT $1::text[]), (SELECT $2::text[])) AS w (indicator, area)
  JOIN observation o ON o.indicator = w.indicator COLLATE "C" AND o.area = w.area COLLATE "C" AND o.breakdown = ''
"""
_AT = f"""{_FIGURE}
  FROM unnest((SELECT $1::text[]), (SELECT $2::text[])) AS w (indicator, period)
  JOIN observation o ON o.indicator = w.indicator COLLATE "C" AND o.period = w.period COLLATE "C"
 WHERE o.area = ANY ((SELECT $3::text[])::text[]) AND o.breakdown = ''
"""
_PERIODS = """
SELECT area, string_agg(period, ',') AS periods FROM observation
 WHERE indicator = $1 AND area = ANY ($2::text[]) AND breakdown = '' GROUP BY area
"""


def adds_up(definition: Definition) -> bool:
    """Whether its figures of units make one of the whole where there is none."""
    return not part_codes(definition) and definition.measure not in NEVER_SUMMED


async def read_alone(session: AsyncSession, frame: Frame, pairs: Collection[Pair]) -> set[Pair]:
    """Those of the pairs whose own figures leave no sum of units to make: there is one for every period of theirs."""
    connection = await driver_connection(session)
    places, found = frame.known.places, set()
    for indicator in {one for one, _ in pairs}:
        definition = frame.definitions[indicator]
        below = {place: frame.codes(places[place])[1:] for one, place in pairs if one == indicator}
        if part_codes(definition):
            continue
        if not any(below.values()):
            found |= {(indicator, place) for place in below}
            continue
        rows = await connection.fetch(_PERIODS, indicator, sorted({*below, *chain.from_iterable(below.values())}))
        periods = {row["area"]: row["periods"] for row in rows}
        for place, codes in below.items():
            own = periods.get(place, "")
            others = {periods.get(code, own) for code in codes} - {own}
            held = set(own.split(","))
            if definition.measure in NEVER_SUMMED or all(set(each.split(",")) <= held for each in others):
                found.add((indicator, place))
    return found


async def read_pairs(session: AsyncSession, pairs: Collection[Pair], as_at: datetime | None) -> Figures:
    """The totals of each pair in the order of their periods, as they stand or stood."""
    if as_at is not None:
        return await read_figures(session, {one for one, _ in pairs}, {area for _, area in pairs}, as_at=as_at)
    connection = await driver_connection(session)
    return _grouped(await connection.fetch(_PAIRS, [one for one, _ in pairs], [area for _, area in pairs]))


async def read_at(
    session: AsyncSession, wanted: Collection[tuple[str, str]], areas: Collection[str], as_at: datetime | None = None
) -> Figures:
    """The totals of the areas for exactly the pairs of an indicator and a period."""
    if not wanted:
        return {}
    if as_at is not None:
        return await read_figures(session, {one for one, _ in wanted}, areas, as_at=as_at, periods=wanted)
    connection = await driver_connection(session)
    return _grouped(
        await connection.fetch(_AT, [one for one, _ in wanted], [period for _, period in wanted], sorted(areas))
    )


def _grouped(rows: Iterable[Sequence[Any]]) -> Figures:
    found: Figures = {}
    for indicator, area, period, value, status, numerator, denominator, version in rows:
        known = Known(period_of(period), value, STATUSES[status], numerator, denominator, version)
        found.setdefault((indicator, area), []).append(known)
    for series in found.values():
        series.sort(key=lambda one: one.period.standing)
    return found
