"""Organisation units: the tree a caller's scope and every aggregation follow."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller
from shared.problems import Fault, Malformed, NotFound
from shared.tables import org_unit, org_unit_succession

_BELOW = sa.text(
    """
    WITH RECURSIVE below(code, path) AS (
      SELECT code, ARRAY[code] FROM org_unit WHERE code = :top
      UNION ALL
      SELECT child.code, below.path || child.code FROM org_unit child JOIN below ON child.parent = below.code
      WHERE child.code <> ALL(below.path))
    SELECT code FROM below
    """
)


def codes_below(top: sa.BindParameter[str]) -> sa.Select[tuple[str]]:
    """The same inside a statement."""
    below = sa.select(org_unit.c.code).where(org_unit.c.code == top).cte("below", recursive=True)
    child = org_unit.alias("child")
    # A union without repetition ends by itself, should the tree ever hold a circle.
    below = below.union(sa.select(child.c.code).join(below, child.c.parent == below.c.code))
    return sa.select(below.c.code)


def codes_before(unit: str) -> sa.Select[tuple[str]]:
    """The unit and those it came after by merging or renaming, inside a statement."""
    succession = org_unit_succession.c
    line = sa.select(sa.literal(unit).label("code")).cte("line", recursive=True)
    line = line.union(sa.select(succession.code).join(line, succession.successor == line.c.code))
    return sa.select(line.c.code)


async def units_below(session: AsyncSession, top: str) -> frozenset[str]:
    """The unit and all below it, closed ones too (what they recorded is still theirs)."""
    return frozenset((await session.execute(_BELOW, {"top": top})).scalars())


async def visible_units(session: AsyncSession, caller: Caller) -> frozenset[str] | None:
    """The units whose records the caller may see; None is all of them."""
    return None if caller.unit is None else await units_below(session, caller.unit)


async def require_visible(session: AsyncSession, caller: Caller, unit: str | None) -> None:
    """Raises NotFound (never Forbidden: that would tell) when the unit is outside the caller's scope."""
    allowed = await visible_units(session, caller)
    if allowed is not None and unit not in allowed:
        raise NotFound()


async def units_in_force(session: AsyncSession, on: date, kind: str | None = None) -> list[str]:
    """The codes of the units in force on a day."""
    statement = sa.select(org_unit.c.code).where(
        org_unit.c.valid_from <= on, sa.or_(org_unit.c.valid_to.is_(None), org_unit.c.valid_to >= on)
    )
    if kind is not None:
        statement = statement.where(org_unit.c.kind == kind)
    return list((await session.execute(statement.order_by(org_unit.c.code))).scalars())


async def check_unit(session: AsyncSession, caller: Caller, unit: str, pointer: str, on: date | None = None) -> None:
    """Raises Malformed where the unit does not exist (or not on that day), NotFound-like where out of scope."""
    row = (await session.execute(sa.select(org_unit).where(org_unit.c.code == unit))).one_or_none()
    allowed = await visible_units(session, caller)
    in_force = row is not None and (
        on is None or (row.valid_from <= on and (row.valid_to is None or row.valid_to >= on))
    )
    # Unknown and not-yours look alike: the difference would tell a caller which units exist elsewhere.
    if row is None or not in_force or (allowed is not None and unit not in allowed):
        raise unit_unknown(pointer)


def unit_unknown(pointer: str) -> Malformed:
    """The problem of a unit that is not there, not in force, or not the caller's to write for."""
    fault = Fault(pointer, "unknown_unit", "this is not a unit in force that this caller may write for")
    return Malformed("The unit cannot be used; see errors.", errors=[fault])
