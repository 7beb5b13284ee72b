"""The rules of programmes: what is applied fits, and a slot may be left out with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import change_unsubmitted
from services.audit_api.models import ToolVersion
from services.audit_api.programmes.errors import OwnSlot, SlotAlreadyVoid, SlotDone
from services.audit_api.programmes.queries import audits, read_slot, slots
from services.audit_api.reach import slots_reached
from services.audit_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.framework.store import Planned
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.framework.catalogue import parse_item
from shared.tables import org_unit


async def project_programmes(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Refuse a programme whose tool was never published or whose slots name unknown units."""
    kept = [programme_of(one.content) for one in changed if one.change != "retire"]
    editions = table_of(ToolVersion)
    tools = set((await session.execute(sa.select(editions.c.tool).distinct())).scalars())
    units = set((await session.execute(sa.select(org_unit.c.code))).scalars())
    faults = [
        Fault("/items", "unknown_tool", "a programme names a tool that is not published")
        for programme in kept
        if programme.tool not in tools
    ]
    faults += [
        Fault("/items", "unknown_unit", "a slot of a programme names a unit that is not applied")
        for programme in kept
        if not units.issuperset(slot.unit for slot in programme.slots)
    ]
    if faults:
        raise Malformed("A programme does not fit the framework; nothing was applied.", errors=faults)


def programme_of(content: dict[str, Any]) -> Programme:
    """The stored content as the model of a programme."""
    found = parse_item("programmes", content)
    assert isinstance(found, Programme)
    return found


async def void_slot(
    session: AsyncSession, caller: Caller, slot: UUID, reason: str, match: IfMatch, now: datetime
) -> tuple[Any, Any]:
    """Leave a slot out with a reason, the caller approving; an unfinished audit in it is withdrawn."""
    wanted = sa.select(slots).where(slots.c.id == slot, await slots_reached(session, caller))
    held = (await session.execute(wanted.with_for_update(of=slots))).one_or_none()
    if held is None:
        raise NotFound()
    match.check(held.version)
    if held.void_reason is not None:
        raise SlotAlreadyVoid()
    if caller.unit == held.unit:
        raise OwnSlot()
    # Locked, so that a submission going on at this moment is either seen here or sees the withdrawal.
    standing = audits.c.slot_id == slot, audits.c.status != "withdrawn"
    in_slot = sa.select(audits.c.id, audits.c.submitted_on, audits.c.version).where(*standing)
    audit = (await session.execute(in_slot.with_for_update())).one_or_none()
    if audit is not None and audit.submitted_on is not None:
        raise SlotDone()
    await session.execute(
        sa.update(slots)
        .where(slots.c.id == slot)
        .values(void_reason=reason, voided_by=caller.subject, voided_at=now, version=held.version + 1)
    )
    if audit is not None:
        await change_unsubmitted(session, caller, audit, "withdrawn", {"status": "withdrawn"}, reason, now)
        await record_activity(
            session, caller, "audit.withdrawn", "audit", audit.id, content=reason, unit=held.unit,
            data={"slot": str(slot)},
        )  # fmt: skip
    await record_activity(
        session, caller, "slot.voided", "slot", slot, content=reason, unit=held.unit,
        data={"round": str(held.round_id), "audit_withdrawn": audit is not None},
    )  # fmt: skip
    found = await read_slot(session, caller, slot)
    assert found is not None
    return found
