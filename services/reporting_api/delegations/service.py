"""Delegations: a holder of a role lets another sign for some days, openly; both may end it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.chain import c, delegations
from services.reporting_api.definitions import read_definitions
from services.reporting_api.delegations import errors
from services.reporting_api.delegations.schemas import DelegationIn, may_end, standing_of
from services.reporting_api.models import MOST_DAYS
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Fault, NotFound


async def add_delegation(session: AsyncSession, caller: Caller, body: DelegationIn, today: date) -> Any:
    """The caller's own right, for the caller's own part of the council; never for days gone by."""
    if body.role not in caller.roles:
        raise errors.RoleNotYours()
    known = await read_definitions(session)
    faults = _faults(caller, body, today)
    faults += [
        Fault(f"/covers/{place}", "unknown_code", "use the code of a report or a return of the framework")
        for place, code in enumerate(body.covers)
        if code not in known.reports and code not in known.returns
    ]
    if faults:
        raise errors.UnfitDelegation(errors=faults)
    row = (
        await session.execute(
            sa.insert(delegations)
            .values(
                id=new_id(), role=body.role, unit=caller.unit, delegator=caller.subject, delegate=body.delegate,
                starts_on=body.starts_on, ends_on=body.ends_on, covers=sorted(set(body.covers)),
                reason=body.reason, version=1,
            )
            .returning(delegations)
        )
    ).one()  # fmt: skip
    about = {"role": row.role, "starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}
    await record_activity(
        session, caller, "delegation.made", "delegation", row.id, unit=row.unit, data=about,
        content={"delegate": row.delegate, "covers": row.covers, "reason": row.reason},
    )  # fmt: skip
    return row


def _faults(caller: Caller, body: DelegationIn, today: date) -> list[Fault]:
    found = []
    if body.delegate == caller.subject:
        found.append(Fault("/delegate", "same_person", "name somebody else"))
    if body.starts_on < today:
        found.append(Fault("/starts_on", "past", "begin today or later"))
    if not 0 <= (body.ends_on - body.starts_on).days < MOST_DAYS:
        found.append(Fault("/ends_on", "span", "end on the first day or later, within a year"))
    return found


async def find_delegation(session: AsyncSession, caller: Caller, wanted: UUID, *, lock: bool = False) -> Any:
    """One delegation that is good for something the caller may see; raises NotFound."""
    statement = sa.select(delegations).where(c.id == wanted)
    row = (await session.execute(statement.with_for_update() if lock else statement)).one_or_none()
    allowed = await visible_units(session, caller)
    if row is None or not (allowed is None or row.unit is None or row.unit in allowed):
        raise NotFound()
    return row


async def end_delegation(
    session: AsyncSession, caller: Caller, wanted: UUID, match: IfMatch, reason: str, now: datetime, today: date
) -> Any:
    row = await find_delegation(session, caller, wanted, lock=True)
    match.check(row.version)
    if standing_of(row, today) not in ("to_come", "in_force"):
        raise errors.DelegationOver()
    if not may_end(row, caller):
        raise errors.NotYoursToEnd()
    ended = (
        await session.execute(
            sa.update(delegations)
            .where(c.id == wanted)
            .values(ended_at=now, ended_by=caller.subject, end_reason=reason, version=row.version + 1)
            .returning(delegations)
        )
    ).one()
    await record_activity(
        session, caller, "delegation.ended", "delegation", wanted, unit=row.unit, content=reason,
        data={"role": row.role},
    )  # fmt: skip
    return ended
