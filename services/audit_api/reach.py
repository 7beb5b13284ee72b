"""Which audits and actions a caller reaches: those of the own units, and those given to the caller."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller
from shared.organisation.units import units_below, visible_units
from shared.problems import NotFound


async def reached(
    session: AsyncSession, caller: Caller, unit: sa.Column[str], *given_to: sa.Column[str]
) -> sa.ColumnElement[bool]:
    """The condition that a record is within reach: an auditor is never of the audited team, yet must see the audit."""
    allowed = await visible_units(session, caller)
    if allowed is None:
        return sa.true()
    return sa.or_(unit.in_(sorted(allowed)), *(column == caller.subject for column in given_to))


async def units_asked_for(session: AsyncSession, caller: Caller, unit: str | None) -> frozenset[str] | None:
    """The units of a filter, those below included, cut to the caller's reach; None is all of them.

    Raises NotFound for a unit that does not exist or is out of reach.
    """
    allowed = await visible_units(session, caller)
    if unit is None:
        return allowed
    wanted = await units_below(session, unit)
    if not wanted or (allowed is not None and unit not in allowed):
        raise NotFound()
    return wanted
