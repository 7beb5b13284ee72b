"""Finds what a question names: the places with the units below them, or one exception by its key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import first_day, last_complete_month, last_day
from services.indicator_api.exceptions.frame import Scope, read_frame
from services.indicator_api.exceptions.listing import Listing, entries_of
from services.indicator_api.exceptions.rows import read_key
from services.indicator_api.exceptions.service import every_pair, examine
from services.indicator_api.exceptions.storing import COLUMNS, Raised, Sign, key_in, raised_before
from services.indicator_api.models import metadata
from services.indicator_api.series.known import Veil
from services.indicator_api.series.places import Map, read_map, read_part
from shared.auth.caller import Caller
from shared.problems import NotFound

_row = metadata.tables["exception_row"]


async def find_places(session: AsyncSession, caller: Caller, asked: Sequence[str], *, units: bool) -> Map:
    """The places asked for, with all units below each where wanted; raises NotFound for one the caller cannot see."""
    atlas, allowed = await read_part(session, caller, asked)
    known = atlas.map(asked, allowed)
    if not units:
        return known
    tops = [one.top for one in known.places.values()] if caller.unit is None or asked else [caller.unit]
    # The council's units come to the same as its area.
    same = {one.top for one in known.places.values() if one.top != one.code}
    below = [code for top in tops for code in known.tree(top) if code not in same]
    return atlas.map([*known.places, *below], allowed)


async def find_exception(
    session: AsyncSession, caller: Caller, key: str, today: date, veil: Veil, as_at: datetime | None
) -> Listing:
    """What is found of the indicator and place a key names; raises NotFound for what is no key."""
    named = read_key(key)
    if named is None:
        raise NotFound()
    indicator, area, period, trigger = named
    # What a figure shows is told at the end of its period; what is owed, as things stood when the last month ended.
    month = last_complete_month(today)
    day = min(last_day(month if trigger == "DATA_LATE" else period), today)
    scope = Scope(day, first_day(month) - timedelta(days=1), veil)
    known = await read_map(session, caller, [area])
    frame = await read_frame(session, known, [indicator], as_at)
    found = await examine(session, frame, scope, every_pair(frame, known.places), as_at=as_at)
    raised = await _raised(session, key, indicator, list(known.places))
    veiled = () if veil.lifted else [code for code in frame.definitions if frame.is_hidden(code)]
    return Listing(entries_of(found, raised), dict.fromkeys(known.places, 0), frame.definitions, veiled)


async def _raised(session: AsyncSession, key: str, indicator: str, places: Sequence[str]) -> dict[Sign, Raised]:
    """Since when this exception stands, if it is kept as one that does."""
    columns = (_row.c[name] for name in COLUMNS)
    statement = sa.select(*columns).where(_row.c.indicator == indicator, _row.c.area.in_(places))
    return raised_before(row for row in await session.execute(statement) if key_in(row[-1]) == key)
