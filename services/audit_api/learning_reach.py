"""Who sees a learning item: a team's its team and those above, a service's the service, and so on (R34)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import LearningItem
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import units_below, visible_units
from shared.tables import org_unit

_items = table_of(LearningItem)


async def seen_by(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """The condition that the caller may see an item; drafts and withdrawn ones only who may write them."""
    below = await visible_units(session, caller)
    if below is None:
        own: sa.ColumnElement[bool] = sa.true()
        passed_on: sa.ColumnElement[bool] = sa.true()
    else:
        own = _items.c.unit.in_(sorted(below))
        passed_on = sa.or_(own, await _wider(session, caller, below))
    mine = _items.c.created_by == caller.subject
    writes = sa.or_(own, mine) if caller.may("audit:write") else mine
    return sa.or_(sa.and_(_items.c.status == "disseminated", passed_on), writes)


async def _wider(session: AsyncSession, caller: Caller, below: frozenset[str]) -> sa.ColumnElement[bool]:
    if not below:
        # Whoever holds for a body that is no unit of the council is a partner.
        return _items.c.visibility == "partnership"
    assert caller.unit is not None
    service = await units_below(session, await _service_of(session, caller.unit))
    return sa.or_(
        _items.c.visibility.in_(("organisation", "partnership")),
        sa.and_(_items.c.visibility == "service", _items.c.unit.in_(sorted(service))),
    )


async def _service_of(session: AsyncSession, unit: str) -> str:
    """The service a unit belongs to; the unit itself where it stands above all services."""
    rows = (await session.execute(sa.select(org_unit.c.code, org_unit.c.parent, org_unit.c.kind))).all()
    known = {row.code: row for row in rows}
    at: str | None = unit
    seen: set[str] = set()
    while at in known and at not in seen:
        if known[at].kind == "service":
            return str(at)
        seen.add(str(at))
        at = known[at].parent
    return unit
