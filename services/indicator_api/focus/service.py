"""Naming areas of focus, and which lists hold for a period."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition, answers_for, read_definitions
from services.indicator_api.focus.errors import NotTheirsToName
from services.indicator_api.focus.schemas import FocusEdit, FocusItemOut, FocusOut
from services.indicator_api.models import metadata
from services.indicator_api.places import read_names
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import Precondition
from shared.framework.store import read_items
from shared.organisation.units import check_unit, visible_units
from shared.problems import Fault, Malformed
from shared.schemas.periods import Period

_table = metadata.tables["focus_list"]


async def name_focus(
    session: AsyncSession, caller: Caller, unit: str, period: str, body: FocusEdit, match: Precondition, now: datetime
) -> tuple[int, bool]:
    """Keep a unit's list for a period; its version and whether it is the first. Raises NotTheirsToName, Malformed."""
    await check_unit(session, caller, unit, "/unit")
    await _check(session, caller, body)
    place = sa.and_(_table.c.unit == unit, _table.c.period == period)
    # Two first lists at once meet at the primary key; later ones at their version.
    latest = (
        sa.select(_table.c.version, _table.c["items"].label("listed"))
        .where(place)
        .order_by(_table.c.version.desc())
        .limit(1)
    )
    found = (await session.execute(latest)).one_or_none()
    items = body.model_dump(mode="json")["items"]
    if found is not None and found.listed == items:
        return int(found.version), False
    held = None if found is None else int(found.version)
    match.check(held)
    row = {"unit": unit, "period": period, "version": (held or 0) + 1, "items": items}
    await session.execute(sa.insert(_table).values(row | {"named_by": caller.subject, "named_at": now}))
    await record_activity(
        session, caller, "focus.named", "focus_list", f"{unit}.{period}", content=items, unit=unit,
        data={"period": period, "version": row["version"], "items": len(items)},
    )  # fmt: skip
    return row["version"], held is None


async def _check(session: AsyncSession, caller: Caller, body: FocusEdit) -> None:
    definitions = await read_definitions(session)
    areas = {one["code"]: one for one in await read_items(session, "focus_areas")}
    faults, owners = [], set[str]()
    for place, one in enumerate(body.items):
        known = definitions.get(one.indicator or "")
        owner = known.content["owner_role"] if known else areas.get(one.focus_area or "", {}).get("owner_role")
        if owner is None:
            name = "indicator" if one.indicator else "focus_area"
            faults.append(Fault(f"/items/{place}/{name}", "unknown_code", "this is not the code of one in force"))
        else:
            owners.add(owner)
    if faults:
        raise Malformed("Something named is not in force; see errors.", errors=faults)
    if not all(answers_for(caller, owner) for owner in owners):
        raise NotTheirsToName()


async def lists_in_force(
    session: AsyncSession, caller: Caller, period: Period, unit: str | None = None
) -> list[FocusOut]:
    """Each unit's list of the period or, where it has none, its latest earlier one of the same kind of period."""
    latest = (
        sa.select(_table)
        .ext(distinct_on(_table.c.unit, _table.c.period))
        .order_by(_table.c.unit, _table.c.period, _table.c.version.desc())
    )
    if unit is not None:
        latest = latest.where(_table.c.unit == unit)
    allowed = await visible_units(session, caller)
    holding: dict[str, Any] = {}
    for row in (await session.execute(latest)).all():
        named = Period.parse(row.period)
        if (
            named.kind is period.kind
            and last_day(named) <= last_day(period)
            and (allowed is None or row.unit in allowed)
        ):
            held = holding.get(row.unit)
            if held is None or Period.parse(held.period) < named:
                holding[row.unit] = row
    return await _shown(session, caller, list(holding.values()), period.code)


async def _shown(session: AsyncSession, caller: Caller, rows: Sequence[Any], asked: str) -> list[FocusOut]:
    definitions = await read_definitions(session, retired=True)
    areas = {one["code"]: one["name"] for one in await read_items(session, "focus_areas", retired=True)}
    names = await read_names(session, [row.unit for row in rows])
    return [
        FocusOut(
            unit=row.unit,
            unit_name=names.get(row.unit, row.unit),
            period=row.period,
            carried_from=None if row.period == asked else row.period,
            items=[_item(one, definitions, areas) for one in row.items],
            named_by=row.named_by,
            named_at=row.named_at,
            version=row.version,
            allowed_actions=["name"] if caller.may("indicator:comment") else [],
        )
        for row in rows
    ]


def _item(one: dict[str, Any], definitions: dict[str, Definition], areas: dict[str, str]) -> FocusItemOut:
    code, area = one["indicator"], one["focus_area"]
    within = [code] if code else [known.code for known in definitions.values() if known.content["focus_area"] == area]
    title = definitions[code].title if code else areas[area]
    return FocusItemOut(**one, title=title, indicators=within)


def indicators_of(lists: Collection[FocusOut]) -> list[str]:
    """Every indicator named, each once, in the order of the lists."""
    return list(dict.fromkeys(code for one in lists for item in one.items for code in item.indicators))
