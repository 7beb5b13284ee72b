"""Which places and periods a question about data quality is about, for the caller who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import first_day, last_complete_month, last_day
from services.indicator_api.series.places import Map, read_map
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed
from shared.schemas.periods import Period

MOST_MONTHS = 120


@dataclass(frozen=True)
class Ground:
    """The places in question by code, the council's own area where it is one, its units, and what closed when."""

    names: dict[str, str]
    council: str | None
    units: frozenset[str]
    closed: dict[str, date]


async def read_ground(session: AsyncSession, caller: Caller, area: str | None) -> Ground:
    """The council's area and its units, or the one place asked for; a caller of one unit sees those below it.

    Raises NotFound for a place this caller cannot see.
    """
    known = await read_map(session, caller, [area] if area else [])
    closed = {code: unit.valid_to for code, unit in known.units.items() if unit.valid_to is not None}
    place = next(iter(known.places.values()))
    if place.valid_to is not None:
        closed[place.code] = place.valid_to
    council = place.code if _is_council(known, place.code) else None
    names = {place.code: place.name}
    if area is None:
        allowed = await visible_units(session, caller)
        names |= {code: unit.name for code, unit in known.units.items() if allowed is None or code in allowed}
        if allowed is not None:
            names.pop(place.code)
            council = None
    return Ground(names, council, frozenset(known.units), closed)


def _is_council(known: Map, code: str) -> bool:
    return any(unit.ons_code == code for unit in known.units.values())


def days_of(first: str | None, last: str | None, today: date) -> tuple[date, date]:
    """From the first day of one period to the last of another; the twelve months that ended last if none is named."""
    end = Period.parse(last) if last else last_complete_month(today)
    begin = first_day(Period.parse(first)) if first else _months_before(last_day(end), 11)
    if last_day(end) < begin:
        raise _refused("period_range", "give two periods, the earlier one first")
    if (last_day(end) - begin).days > MOST_MONTHS * 31:
        raise _refused("too_many", f"ask about at most {MOST_MONTHS} months at once")
    return begin, last_day(end)


def _months_before(day: date, months: int) -> date:
    place = max(day.year * 12 + day.month - 1 - months, 12 * 1990)
    return date(place // 12, place % 12 + 1, 1)


def _refused(code: str, detail: str) -> Malformed:
    return Malformed("The periods do not go together.", errors=[Fault("/query/from", code, detail)])
