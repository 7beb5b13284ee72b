"""Values made of other indicators: all their numerators over all their denominators (`derived_from`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition, read_definitions, read_definitions_at
from services.indicator_api.series.known import PER_CENT, Known, latest_recorded
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period

_DIGITS = 10


def part_codes(definition: Definition) -> tuple[str, ...]:
    """The indicators it is made of, each once; none where it is not made of any."""
    made = definition.content.get("derived_from")
    return () if made is None else tuple(dict.fromkeys((*made["numerators"], *made["denominators"])))


async def with_parts(
    session: AsyncSession, definitions: Mapping[str, Definition], as_at: datetime | None = None
) -> dict[str, Definition]:
    """The definitions and those of their parts, retired ones too: their figures stay."""
    wanted = {code for one in definitions.values() for code in part_codes(one)} - definitions.keys()
    if not wanted:
        return dict(definitions)
    if as_at is not None:
        return {**definitions, **await read_definitions_at(session, as_at, wanted, retired=True)}
    return {**definitions, **await read_definitions(session, wanted, retired=True)}


def ratio(definition: Definition, numerator: float, denominator: float) -> float | None:
    """The numerator over the denominator, as the measure counts; None where there is nothing to divide by."""
    if not denominator:
        return None
    factor = PER_CENT if definition.measure is Measure.percentage else float(definition.multiplier or 1)
    return round(numerator * factor / denominator, _DIGITS)


def derive(definition: Definition, parts: Mapping[str, Sequence[Known]]) -> list[Known]:
    """A figure for each period that all parts have one for; absent where one of them is."""
    by_period = {code: {one.period: one for one in figures} for code, figures in parts.items()}
    shared = set.intersection(*(set(figures) for figures in by_period.values())) if by_period else set()
    return [
        _derived(definition, period, {code: figures[period] for code, figures in by_period.items()})
        for period in sorted(shared)
    ]


def _derived(definition: Definition, period: Period, parts: Mapping[str, Known]) -> Known:
    made, given = definition.content["derived_from"], list(parts.values())
    status, value, numerator, denominator = _absent(given), None, None, None
    if status is None:
        numerator, denominator = (
            math.fsum(parts[code].value or 0 for code in made[side]) for side in ("numerators", "denominators")
        )
        value = ratio(definition, numerator, denominator)
        status = ValueStatus.x if value is None else None
    return Known(
        period,
        value,
        status,
        numerator,
        denominator,
        version=definition.version,
        provisional=any(one.provisional for one in given),
        revised=any(one.revised for one in given),
        recorded_at=latest_recorded(given),
        units=max((one.units for one in given if one.units), default=None),
        silent=max(one.silent for one in given),
        hidden=any(one.hidden for one in given),
        derived=True,
    )


def _absent(given: Sequence[Known]) -> ValueStatus | None:
    statuses = {one.status for one in given if one.value is None}
    if ValueStatus.c in statuses:
        return ValueStatus.c
    if not statuses:
        return None
    return ValueStatus.z if statuses == {ValueStatus.z} else ValueStatus.x
