"""A stored load set beside the period before it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.checking import load
from services.indicator_api.checking.figures import read_closings
from services.indicator_api.checking.load import Around
from services.indicator_api.checking.load_queries import read_latest, stored
from services.indicator_api.days import first_day, last_day, periods_ending
from services.indicator_api.definitions import read_definitions
from services.indicator_api.places import read_places
from services.indicator_api.quality.service import source_names
from shared.auth.caller import Caller
from shared.schemas.periods import Period


async def compare_stored(
    session: AsyncSession, caller: Caller, period: Period, source_system: str | None
) -> dict[str, Any]:
    """Each indicator's latest period that ends in the one asked for, of the places this caller records for."""
    definitions = {
        code: one
        for code, one in (await read_definitions(session)).items()
        if source_system in (None, one.content["source_system"])
    }
    around = Around(definitions, set((await read_places(session, caller)).values()), await read_closings(session))
    ending = periods_ending(first_day(period), last_day(period))
    first = {one.kind: one for one in reversed(ending)}
    last = {one.kind: one for one in ending}
    wanted = {
        (code, first[one.period_kind].code, last[one.period_kind].code)
        for code, one in definitions.items()
        if one.period_kind in first
    }
    latest = await read_latest(session, stored(), wanted, around.areas)
    loaded = await load.compare(session, stored(), latest, around)
    return {
        "period": period.code,
        "sources": load.by_source(loaded, await source_names(session)),
        "indicators": [load.shortened(one) for one in loaded],
    }
