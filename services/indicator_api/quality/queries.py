"""Reading what expectations rest on: editions, lives of units, first figures, arrivals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.checking.figures import Stretch, stretches, texts, within
from services.indicator_api.days import code_bounds
from services.indicator_api.definitions import KIND, definition_of
from services.indicator_api.models import metadata
from services.indicator_api.quality.expectations import Edition, Life, Receipt
from services.indicator_api.series.known import period_of
from shared.clock import local_date
from shared.schemas.figures import ValueStatus
from shared.schemas.periods import Period, PeriodKind
from shared.tables import framework_item_version

_now, _past = metadata.tables["observation"], metadata.tables["observation_history"]
_version = framework_item_version
_KEY = ("indicator", "area", "period", "breakdown")
_TOTAL = ""


async def read_editions(session: AsyncSession) -> dict[str, list[Edition]]:
    """Every edition of every indicator, in the order in which they were applied."""
    statement = (
        sa.select(_version.c.content, _version.c.applied_at, _version.c.retired)
        .where(_version.c.kind == KIND)
        .order_by(_version.c.version)
    )
    found: dict[str, list[Edition]] = defaultdict(list)
    for content, applied_at, retired in (await session.execute(statement)).all():
        found[content["code"]].append(Edition(definition_of(content), local_date(applied_at), retired))
    return found


async def read_lives(session: AsyncSession) -> dict[str, list[Life]]:
    """What was known of each unit's closing, in the order in which it was applied."""
    statement = (
        sa.select(_version.c.code, _version.c.content["valid_to"].astext, _version.c.applied_at, _version.c.retired)
        .where(_version.c.kind == "units")
        .order_by(_version.c.version)
    )
    found: dict[str, list[Life]] = defaultdict(list)
    for code, valid_to, applied_at, retired in (await session.execute(statement)).all():
        since = local_date(applied_at)
        closes = date.fromisoformat(valid_to) if valid_to else since if retired else None
        found[code].append(Life(since, closes))
    return found


async def read_first_periods(
    session: AsyncSession, kinds: Mapping[str, PeriodKind], areas: Collection[str]
) -> dict[tuple[str, str], Period]:
    """The first period each indicator has a total for in each place: one step into the key for each pair."""
    if not kinds or not areas:
        return {}
    wanted = stretches({(code, *code_bounds(kind)) for code, kind in kinds.items()})
    places = sa.func.unnest(texts(sorted(areas))).table_valued("area", name="places").render_derived()
    first = (
        sa.select(_now.c.period)
        .where(within(_now, wanted), _now.c.area == places.c.area, _now.c.breakdown == _TOTAL)
        .order_by(_now.c.period)
        .limit(1)
        .lateral("first")
    )
    statement = sa.select(wanted.c.indicator, places.c.area, first.c.period).select_from(
        wanted.join(places, sa.true()).join(first, sa.true())
    )
    rows = (await session.execute(statement)).all()
    return {(indicator, area): period_of(period) for indicator, area, period in rows}


async def read_receipts(
    session: AsyncSession, wanted: Collection[Stretch], areas: Collection[str]
) -> dict[tuple[str, str, Period], Receipt]:
    """When the totals of some periods first came, and what they are now."""
    if not wanted or not areas:
        return {}
    named = stretches(wanted)
    same = [_past.c[name] == _now.c[name] for name in _KEY]
    statement = (
        sa.select(
            _now.c.indicator, _now.c.area, _now.c.period, _now.c.provisional, _now.c.value_status,
            sa.func.coalesce(_past.c.recorded_at, _now.c.recorded_at),
        )
        .join_from(named, _now, within(_now, named))
        .join(_past, sa.and_(_now.c.revision > 1, *same, _past.c.revision == 1), isouter=True)
        .where(_now.c.area == sa.any_(texts(sorted(areas))), _now.c.breakdown == _TOTAL)
    )  # fmt: skip
    rows = (await session.execute(statement)).all()
    return {
        (indicator, area, period_of(period)): Receipt(at, provisional, status == ValueStatus.x)
        for indicator, area, period, provisional, status, at in rows
    }
