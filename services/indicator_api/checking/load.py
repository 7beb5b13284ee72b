"""A load set beside the period before: what is missing, what is new, what moved, and what the rules find in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.checking import load_queries
from services.indicator_api.checking.figures import Stretch
from services.indicator_api.checking.findings import Found, found_in
from services.indicator_api.checking.load_queries import Pair, Source
from services.indicator_api.checking.rules import HISTORY, doubts
from services.indicator_api.checking.subject import Subject
from services.indicator_api.definitions import Definition
from services.indicator_api.places import read_names
from services.indicator_api.series.chart import neighbour
from services.indicator_api.series.known import period_of

MOST_FINDINGS = 100
# An indicator with more figures for one period than this is counted, but not held to the rules.
MOST_EXAMINED = 20_000
Loaded = dict[str, Any]


@dataclass(frozen=True)
class Around:
    """What a load is looked at with: the definitions, the places it may concern, and when units closed."""

    definitions: Mapping[str, Definition]
    areas: Collection[str]
    closed: Mapping[str, date]


async def compare(session: AsyncSession, source: Source, latest: Mapping[str, str], around: Around) -> list[Loaded]:
    """Each indicator of a load for its latest period, in order of code."""
    pairs = [Pair(code, period, _before(period)) for code, period in sorted(latest.items())]
    if not pairs:
        return []
    places = _by_indicator(await load_queries.read_places(session, source, pairs, around.areas))
    moves = _by_indicator(await load_queries.read_moves(session, source, pairs, around.areas))
    names = await read_names(session, sorted({row.area for rows in places.values() for row in rows}))
    found = []
    for pair in pairs:
        here = places.get(pair.indicator, [])
        figures = sum(row.side0 for row in here)
        broken = None
        if figures <= MOST_EXAMINED:
            broken = await _findings(session, source, pair, [row.area for row in here if row.side0], around, names)
        told = _told(around.definitions[pair.indicator], pair, here, names)
        marks = _rules_by_figure(broken or ())
        told |= {"moves": [_move(row, names, marks) for row in moves.get(pair.indicator, ())]}
        found.append(told | {"findings": broken or [], "examined": broken is not None})
    return found


def _before(period: str) -> str:
    """The period before; '' where there is none, which no figure has."""
    earlier = neighbour(period_of(period), -1)
    return earlier.code if earlier else ""


def _by_indicator(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.indicator, []).append(row)
    return found


async def _findings(
    session: AsyncSession, source: Source, pair: Pair, areas: list[str], around: Around, names: Mapping[str, str]
) -> list[Found]:
    period = period_of(pair.period)
    first = period
    for _ in range(HISTORY):
        first = neighbour(first, -1) or first
    stretch: Stretch = (pair.indicator, first.code, pair.period)
    series = await load_queries.read_world(session, source, stretch, areas)
    definition = around.definitions[pair.indicator]
    subjects = (
        Subject(definition, area, names.get(area, area), period, known, around.closed)
        for (_, area), known in series.items()
    )
    return [found_in(subject, doubt) for subject in subjects for doubt in doubts(subject)]


def _rules_by_figure(findings: Iterable[Found]) -> dict[tuple[str, str | None], list[Any]]:
    found: dict[tuple[str, str | None], list[Any]] = {}
    for one in findings:
        found.setdefault((one["area"], one["breakdown"]), []).append(one["rule"])
    return found


def _told(definition: Definition, pair: Pair, places: Iterable[Any], names: Mapping[str, str]) -> Loaded:
    rows = list(places)
    return {
        "indicator": definition.code,
        "title": definition.title,
        "source_system": definition.content["source_system"],
        "period": pair.period,
        "previous_period": pair.previous or None,
        "figures": sum(row.side0 for row in rows),
        "figures_before": sum(row.side2 for row in rows),
        "missing": [_place(row.area, names) for row in rows if row.side2 and not row.side1],
        "new": [_place(row.area, names) for row in rows if row.side0 and not row.side2],
    }


def _place(area: str, names: Mapping[str, str]) -> dict[str, str | None]:
    return {"area": area, "area_name": names.get(area)}


def _move(row: Any, names: Mapping[str, str], rules: Mapping[tuple[str, str | None], list[Any]]) -> dict[str, Any]:
    breakdown = row.breakdown or None
    return {
        **_place(row.area, names),
        "breakdown": breakdown,
        "before": row.before,
        "after": row.after,
        **sizes(row.before, row.after),
        "rules": rules.get((row.area, breakdown), []),
    }


def sizes(before: float | None, after: float | None) -> dict[str, float | None]:
    """A change and its share of the figure before, without the noise of binary fractions."""
    if before is None or after is None:
        return {"change": None, "change_percent": None}
    change = float(f"{after - before:.12g}")
    return {"change": change, "change_percent": round(change * 100 / abs(before), 1) if before else None}


def by_source(loaded: Iterable[Loaded], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The counts of each source system over its indicators."""
    found: dict[str, dict[str, Any]] = {}
    for one in loaded:
        source = one["source_system"]
        start = {"indicators": 0, "figures": 0, "figures_before": 0, "missing": 0, "new": 0, "findings": 0}
        counts = found.setdefault(source, {"source_system": source, "name": names.get(source, source), **start})
        counts["indicators"] += 1
        for name in ("figures", "figures_before"):
            counts[name] += one[name]
        for name in ("missing", "new", "findings"):
            counts[name] += len(one[name])
    return [found[source] for source in sorted(found)]


def shortened(one: Loaded) -> Loaded:
    """With the first hundred findings: the counts by source tell of all."""
    return one | {"findings": one["findings"][:MOST_FINDINGS]}
