"""Legal holds: who stopped what from leaving, since when, and why it ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.ids import new_id
from shared.paging import Cursor, cursor_key
from shared.privacy.disposing import lock_disposals
from shared.privacy.errors import HoldLifted
from shared.privacy.holdings import Holdings
from shared.privacy.schemas import HoldIn, HoldOut
from shared.problems import Fault, Malformed, NotFound
from shared.tables import legal_hold


def as_out(row: Any) -> HoldOut:
    actions = ["lift"] if row.lifted_at is None else []
    return HoldOut.model_validate({**row._mapping, "allowed_actions": actions})


def check_kind(holdings: Holdings, name: str | None, pointer: str) -> None:
    """Raises Malformed where a kind is named that this service does not hold."""
    if name is not None and holdings.kind(name) is None:
        words = f"this service holds {', '.join(one.name for one in holdings.kinds)}"
        raise Malformed("That kind is not held here.", errors=[Fault(pointer, "unknown_kind", words)])


async def place_hold(session: AsyncSession, holdings: Holdings, caller: Caller, body: HoldIn) -> HoldOut:
    """From the moment this is committed nothing that it covers leaves: a disposal at work is waited for."""
    check_kind(holdings, body.kind, "/kind")
    codes = {one.retention for one in holdings.kinds}
    if body.scope == "retention" and body.reference not in codes:
        fault = Fault("/reference", "unknown_code", f"the periods here are {', '.join(sorted(codes))}")
        raise Malformed("No kind here is kept by that period.", errors=[fault])
    await lock_disposals(session)
    values = {"id": new_id(), "placed_by": caller.subject, **body.model_dump()}
    row = (await session.execute(sa.insert(legal_hold).values(values).returning(legal_hold))).one()
    await record_activity(
        session, caller, "privacy.hold_placed", "legal_hold", row.id, content=body.model_dump(),
        data={"scope": body.scope},
    )  # fmt: skip
    return as_out(row)


async def lift_hold(session: AsyncSession, caller: Caller, hold: UUID, seen: IfMatch, because: str) -> HoldOut:
    found = await read_hold(session, hold, lock=True)
    seen.check(found.version)
    if found.lifted_at is not None:
        raise HoldLifted()
    values = {
        "lifted_by": caller.subject, "lifted_at": sa.func.clock_timestamp(), "lifted_because": because,
        "version": found.version + 1,
    }  # fmt: skip
    statement = sa.update(legal_hold).where(legal_hold.c.id == hold).values(values).returning(legal_hold)
    row = (await session.execute(statement)).one()
    await record_activity(session, caller, "privacy.hold_lifted", "legal_hold", hold, content={"because": because})
    return as_out(row)


async def read_hold(session: AsyncSession, hold: UUID, *, lock: bool = False) -> Any:
    statement = sa.select(legal_hold).where(legal_hold.c.id == hold)
    row = (await session.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def list_holds(session: AsyncSession, at: Cursor, *, lifted: bool) -> list[Any]:
    """Holds, newest first; the lifted ones only where asked for."""
    statement = sa.select(legal_hold).order_by(legal_hold.c.id.desc()).limit(at.fetch)
    if not lifted:
        statement = statement.where(legal_hold.c.lifted_at.is_(None))
    if at.after is not None:
        (last,) = cursor_key(at.after, UUID)
        statement = statement.where(legal_hold.c.id < last)
    return list((await session.execute(statement)).all())
