"""How a total is made up, period by period: counts and shares by the values of a dimension that adds up to it (R53)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.distribution.queries import read_labels, read_parts
from services.indicator_api.series.asked import Window, breakdown
from services.indicator_api.series.known import Known, Veil, prepared
from services.indicator_api.series.places import Map, Place, read_map
from services.indicator_api.series.queries import Figures
from services.indicator_api.series.roll_up import Ground
from services.indicator_api.series.wording import shown
from shared.auth.caller import Caller
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period

PER_CENT, _TOLERANCE = 100.0, 1e-6
_SUMMED = (Measure.count, Measure.money)


@dataclass(frozen=True)
class Question:
    """What a caller asks of one indicator."""

    indicator: str
    areas: Sequence[str]
    dimension: str | None
    within: str
    window: Window
    as_at: datetime | None


async def answer(
    session: AsyncSession, caller: Caller, question: Question, veil: Veil, now: datetime
) -> dict[str, Any]:
    """The distribution as `DistributionOut` describes it; raises NotFound and Malformed."""
    definition = (await read_definitions(session, [question.indicator], retired=True)).get(question.indicator)
    if definition is None:
        raise NotFound()
    dimension = _dimension(definition, question.dimension)
    known = await read_map(session, caller, question.areas)
    labels = await read_labels(session, dimension)
    within, name = question.within, dimension["code"]
    if f"{name}=" in within:
        detail = "name a value of another dimension than the one that is distributed"
        raise _refused("same_dimension", detail, "breakdown")
    parts = {breakdown(f"{within};{name}={code}"): code for code in labels}
    stored = await read_parts(session, definition.code, known.codes(), [within, *parts], question.as_at)
    # What is hidden follows from all the parts and the total, whichever of them are asked for.
    for figures in stored.values():
        veil = await prepared(session, veil, {definition.code: definition}, figures)
    return {
        "indicator": definition.code,
        "version": definition.version,
        "title": definition.title,
        "unit": definition.content["unit"],
        "measure": definition.measure,
        "dimension": {
            "code": dimension["code"],
            "title": dimension["title"],
            "framework": dimension.get("framework"),
            "values": [{"code": code, "label": label} for code, label in labels.items()],
        },
        "areas": [_area(definition, known, stored, parts, place, question, veil) for place in known.places.values()],
        "as_at": question.as_at or now,
    }


def _dimension(definition: Definition, wanted: str | None) -> dict[str, Any]:
    """The dimension asked for, or the only one whose values add up to the total."""
    if definition.measure not in _SUMMED:
        raise _refused("measure", "only counts and sums of money are made up of parts; ask for its series instead")
    dimensions: list[dict[str, Any]] = definition.content["dimensions"]
    summed = {one["code"]: one for one in dimensions if one["sums_to_total"]}
    if wanted is None and len(summed) == 1:
        return next(iter(summed.values()))
    if wanted is None or wanted not in summed:
        detail = f"give one of its dimensions that add up: {', '.join(summed)}" if summed else "no dimension adds up"
        raise _refused("dimension", detail)
    return summed[wanted]


def _refused(code: str, detail: str, name: str = "dimension") -> Malformed:
    words = "This indicator has no such distribution; see errors."
    return Malformed(words, errors=[Fault(f"/query/{name}", code, detail)])


def _area(
    definition: Definition, known: Map, stored: Mapping[str, Figures], parts: Mapping[str, str], place: Place,
    question: Question, veil: Veil,
) -> dict[str, Any]:  # fmt: skip
    def series(key: str) -> dict[Period, Known]:
        ground = Ground.of(definition, {definition.code: definition}, known, stored[key], veil, key)
        return {one.period: one for one in ground.series(place) if question.window.holds(one.period)}

    seen = {key: series(key) for key in stored}
    periods = sorted({period for figures in seen.values() for period in figures})
    return {
        "area": place.code,
        "name": place.name,
        "periods": [
            _period(
                definition, period, seen[question.within].get(period),
                {code: seen[key].get(period) for key, code in parts.items()},
            )
            for period in periods
        ],
    }  # fmt: skip


def _period(
    definition: Definition, period: Period, given: Known | None, parts: Mapping[str, Known | None]
) -> dict[str, Any]:
    values = [one.value for one in parts.values() if one is not None and one.value is not None]
    whole = math.fsum(values) if len(values) == len(parts) else None
    total = whole if given is None else given.value
    unaccounted = None if total is None or whole is None else round(total - whole, 10)
    return {
        "period": period.code,
        "parts": [_part(definition, code, one, total) for code, one in parts.items()],
        "total": {
            **_figure(definition, total, given.status if given is not None else None),
            "summed": given is None and total is not None,
        },
        "unaccounted": unaccounted,
        "complete": unaccounted is not None and abs(unaccounted) < _TOLERANCE,
        "provisional": any(one.provisional for one in (given, *parts.values()) if one is not None),
    }


def _part(definition: Definition, code: str, one: Known | None, total: float | None) -> dict[str, Any]:
    value = None if one is None else one.value
    share = None if value is None or not total else float(f"{value * PER_CENT / total:.12g}")
    return {"code": code, **_figure(definition, value, None if one is None else one.status), "share": share}


def _figure(definition: Definition, value: float | None, status: ValueStatus | None) -> dict[str, Any]:
    status = ValueStatus.x if value is None and status is None else status
    return {"value": value, "value_status": status, "display": shown(definition, value, status)}
