"""Projecting the applied units into the table that scopes and aggregation walk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.framework.store import Planned
from shared.problems import Fault, Malformed
from shared.tables import org_unit, org_unit_succession


async def project_units(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Keep the org_unit rows in step with the applied units; refuses a circle in the tree."""
    rows = [
        {
            "code": one.code,
            "name": one.content["name"],
            "kind": one.content["kind"],
            "parent": one.content.get("parent"),
            "valid_from": date.fromisoformat(one.content["valid_from"]),
            "valid_to": date.fromisoformat(one.content["valid_to"]) if one.content.get("valid_to") else None,
        }
        for one in changed
        if one.change != "retire"
    ]
    if rows:
        upsert = insert(org_unit)
        await session.execute(
            upsert.on_conflict_do_update(
                index_elements=["code"],
                set_={name: upsert.excluded[name] for name in ("name", "kind", "parent", "valid_from", "valid_to")},
            ),
            rows,
        )
    codes = [one.code for one in changed]
    await session.execute(sa.delete(org_unit_succession).where(org_unit_succession.c.code.in_(codes)))
    links = [
        {"code": one.code, "successor": successor}
        for one in changed
        if one.change != "retire"
        for successor in one.content.get("successors", [])
    ]
    if links:
        await session.execute(sa.insert(org_unit_succession), links)
    # A retired unit keeps its row (history points at it) and ends today if it had no end.
    for one in changed:
        if one.change == "retire":
            await session.execute(
                sa.update(org_unit)
                .where(org_unit.c.code == one.code, org_unit.c.valid_to.is_(None))
                .values(valid_to=sa.func.greatest(sa.func.current_date(), org_unit.c.valid_from))
            )
    await _check_tree(session)


async def _check_tree(session: AsyncSession) -> None:
    tree = {row.code: row.parent for row in await session.execute(sa.select(org_unit.c.code, org_unit.c.parent))}
    links = (await session.execute(sa.select(org_unit_succession.c.successor))).scalars().all()
    for code in tree:
        seen: set[str] = set()
        above: str | None = code
        while above is not None:
            if above in seen or above not in tree:
                fault = Fault("/items", "unit_tree", "a unit's parent is unknown or the units form a circle")
                raise Malformed("The units do not form a tree; nothing was applied.", errors=[fault])
            seen.add(above)
            above = tree[above]
    if not set(links) <= set(tree):
        fault = Fault("/items", "unit_successor", "a unit names a successor that is not a unit")
        raise Malformed("A successor is unknown; nothing was applied.", errors=[fault])
