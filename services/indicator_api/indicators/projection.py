"""What applying areas, comparator sets, focus areas, source systems and indicators does beyond storing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.errors import UnfitFramework
from services.indicator_api.models import metadata
from shared.framework.store import Planned
from shared.problems import Fault
from shared.schemas.framework.catalogue import parse_item
from shared.tables import framework_item, framework_item_version

_area, _succession = metadata.tables["area"], metadata.tables["area_succession"]
_member = metadata.tables["comparator_member"]
_HELD = (
    "units", "areas", "comparator_sets", "focus_areas", "source_systems", "registration_bodies", "role_families",
    "indicators",
)  # fmt: skip
# What a number counts: figures from before and after a change of these are not the same series.
_ARITHMETIC = ("measure", "multiplier", "period_kind", "scale")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def project_areas(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Keep the area rows in step; a retired area keeps its row, for its figures stay."""
    rows = [
        {
            **{name: one.content[name] for name in ("code", "name", "kind", "la_number", "region", "former_codes")},
            "valid_from": _day(one.content["valid_from"]),
            "valid_to": _day(one.content["valid_to"]),
            "retired": one.change == "retire",
        }
        for one in changed
    ]
    upsert = insert(_area)
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=["code"], set_={name: upsert.excluded[name] for name in rows[0] if name != "code"}
        ),
        rows,
    )
    await session.execute(sa.delete(_succession).where(_succession.c.code.in_([one.code for one in changed])))
    links = [
        {"code": one.code, "successor": link["area"], "same_footprint": link["same_footprint"], "note": link["note"]}
        for one in changed
        for link in one.content["successors"]
    ]
    if links:
        await session.execute(sa.insert(_succession), links)
    await _check_former_codes(session)
    await check_references(session, changed)


async def _check_former_codes(session: AsyncSession) -> None:
    """A code leads to one area: nobody's former code is another's present or former one."""
    rows = (await session.execute(sa.select(_area.c.code, _area.c.former_codes).where(~_area.c.retired))).all()
    taken = {row.code: row.code for row in rows}
    faults = [
        Fault("/items", "former_code", f"areas {row.code}: a former code is another area's code")
        for row in rows
        for old in row.former_codes
        if taken.setdefault(old, row.code) != row.code or old == row.code
    ]
    _refuse(faults)


async def project_comparator_sets(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Keep the members of the sets in force."""
    codes = [one.code for one in changed]
    await session.execute(sa.delete(_member).where(_member.c.comparator_set.in_(codes)))
    rows = [
        {"comparator_set": one.code, "area": member["area"], "rank": member["rank"]}
        for one in changed
        if one.change != "retire"
        for member in one.content["members"]
    ]
    if rows:
        await session.execute(sa.insert(_member), rows)
    await check_references(session, changed)


async def project_indicators(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Hold indicators to what they name (R03, R04) and to a version that rises with their arithmetic."""
    await check_references(session, changed)
    before = await _contents_before(session, changed)
    faults = []
    for one in changed:
        old = before.get(one.code)
        if old is None or one.change == "retire":
            continue
        if one.content["version"] < old["version"]:
            faults.append(Fault("/items", "version_lower", f"indicators {one.code}: the version went down"))
        elif one.content["version"] == old["version"] and _differs(old, one.content):
            detail = f"indicators {one.code}: it counts differently now; raise its version"
            faults.append(Fault("/items", "version_not_raised", detail))
    _refuse(faults)


def _differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(old.get(name) != new.get(name) for name in _ARITHMETIC)


async def _contents_before(session: AsyncSession, changed: Sequence[Planned]) -> dict[str, dict[str, Any]]:
    keys = [("indicators", one.code, one.version - 1) for one in changed if one.version > 1]
    if not keys:
        return {}
    table = framework_item_version
    statement = sa.select(table.c.code, table.c.content).where(
        sa.tuple_(table.c.kind, table.c.code, table.c.version).in_(keys)
    )
    return {row.code: row.content for row in (await session.execute(statement)).all()}


async def check_references(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Refuse an item that names what is not applied, and the retirement of what an item in force still names."""
    statement = sa.select(framework_item.c.kind, framework_item.c.code, framework_item.c.content).where(
        framework_item.c.kind.in_(_HELD), ~framework_item.c.retired
    )
    held = {(row.kind, row.code): row.content for row in (await session.execute(statement)).all()}
    retired = {(one.kind, one.code) for one in changed if one.change == "retire"}
    applied = {(one.kind, one.code) for one in changed} - retired
    _refuse(
        [
            Fault("/items", "unknown_code", f"{kind} {code} {place}: this names none of the {named} in force")
            for kind, code in (held if retired else applied)
            for named, wanted, place in parse_item(kind, held[kind, code]).references()
            if named in _HELD and (named, wanted) not in held
            if (kind, code) in applied or (named, wanted) in retired
        ]
    )


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise UnfitFramework("Nothing was applied; see errors.", errors=faults[:100])
