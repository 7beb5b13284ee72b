"""Which slots of a programme are in force on a day: a round's denominator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.schemas.framework.audit_programmes import Programme, Slot
from shared.tables import org_unit

# The first and last day of each unit; an open end is None.
Lives = Mapping[str, tuple[date, date | None]]


async def unit_lives(session: AsyncSession) -> Lives:
    """When each unit is in force."""
    rows = await session.execute(sa.select(org_unit.c.code, org_unit.c.valid_from, org_unit.c.valid_to))
    return {row.code: (row.valid_from, row.valid_to) for row in rows}


def slots_in_force(programme: Programme, day: date, lives: Lives) -> list[Slot]:
    """The programme's slots in force that day, of units in force that day."""
    return [slot for slot in programme.slots_on(day) if _in_force(lives.get(slot.unit), day)]


def _in_force(life: tuple[date, date | None] | None, day: date) -> bool:
    return life is not None and life[0] <= day and (life[1] is None or day <= life[1])
