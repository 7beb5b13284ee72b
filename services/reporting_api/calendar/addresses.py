"""Secret calendar addresses: made by whoever may read the schedule, good for a year, revoked at any time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.calendar.address_schemas import CalendarAddressIn
from services.reporting_api.calendar.errors import AddressNotInUse
from services.reporting_api.definitions import read_definitions
from services.reporting_api.models import CalendarAddress
from services.reporting_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import NotFound

table = table_of(CalendarAddress)
c = table.c
_GOOD_FOR = timedelta(days=366)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def make_address(session: AsyncSession, caller: Caller, body: CalendarAddressIn, today: date) -> tuple[Any, str]:
    """A new address that shows what its maker may see today, and its secret."""
    board = (await read_definitions(session)).board(body.board).code if body.board else None
    secret = secrets.token_urlsafe(32)
    values = {"id": new_id(), "name": body.name, "board": board, "unit": caller.unit, "holder": caller.subject}
    made = sa.insert(table).values(
        **values, secret_hash=_hash(secret), expires_on=today + _GOOD_FOR, version=1
    )  # fmt: skip
    row = (await session.execute(made.returning(table))).one()
    data = {"board": board}
    await record_activity(
        session, caller, "calendar_address.made", "calendar_address", row.id, unit=row.unit, data=data
    )
    return row, secret


async def seen_by(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """One's own; whoever publishes sees everybody's of his part, to revoke that of somebody who has left."""
    own = c.holder == caller.subject
    if not caller.may("reporting:publish"):
        return own
    allowed = await visible_units(session, caller)
    return sa.true() if allowed is None else sa.or_(own, c.unit.in_(sorted(allowed)))


async def revoke_address(session: AsyncSession, caller: Caller, wanted: UUID, match: IfMatch, now: datetime) -> Any:
    """From now on the address answers as if it had never been."""
    statement = sa.select(table).where(c.id == wanted, await seen_by(session, caller)).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound()
    match.check(row.version)
    if row.revoked_at is not None:
        raise AddressNotInUse()
    changed = sa.update(table).where(c.id == wanted)
    changed = changed.values(revoked_at=now, revoked_by=caller.subject, version=row.version + 1)
    await record_activity(session, caller, "calendar_address.revoked", "calendar_address", wanted, unit=row.unit)
    return (await session.execute(changed.returning(table))).one()


async def find_holder(session: AsyncSession, secret: str, today: date) -> tuple[Caller, str | None]:
    """Who reads at a secret address, without a right but that, and which board's calendar; raises NotFound."""
    in_use = (c.secret_hash == _hash(secret), c.revoked_at.is_(None), c.expires_on >= today)
    row = (await session.execute(sa.select(table).where(*in_use))).one_or_none()
    if row is None:
        raise NotFound()
    return Caller(subject=f"calendar_address:{row.id}", unit=row.unit), row.board
