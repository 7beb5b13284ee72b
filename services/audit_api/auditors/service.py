"""The records of auditors: kept by who manages audits, read with what each has in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.auditors.schemas import AuditorIn, AuditorOut
from services.audit_api.models import Auditor
from services.audit_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import Precondition
from shared.framework.store import check_codes
from shared.organisation.units import check_unit, visible_units
from shared.problems import Fault, Malformed, NotFound

auditors = table_of(Auditor)


async def keep_auditor(
    session: AsyncSession, caller: Caller, reference: str, body: AuditorIn, match: Precondition, now: datetime
) -> bool:
    """Record an auditor, or change one at the version the caller has seen; whether it is new."""
    await _check(session, caller, body)
    told = body.model_dump() | {"recorded_by": caller.subject, "recorded_at": now}
    new = insert(auditors).values(told | {"reference": reference, "version": 1})
    made = new.on_conflict_do_nothing(index_elements=["reference"]).returning(auditors.c.reference)
    if (await session.execute(made)).scalar_one_or_none() is not None:
        match.check(None)
        await _note(session, caller, "auditor.recorded", reference, body)
        return True
    statement = sa.select(auditors).where(auditors.c.reference == reference, await within_reach(session, caller))
    held = (await session.execute(statement.with_for_update())).one_or_none()
    if held is None:
        raise NotFound()
    match.check(held.version)
    changed = told | {"version": held.version + 1}
    await session.execute(sa.update(auditors).where(auditors.c.reference == reference).values(changed))
    await _note(session, caller, "auditor.changed", reference, body)
    return False


async def _check(session: AsyncSession, caller: Caller, body: AuditorIn) -> None:
    if body.unit is not None:
        await check_unit(session, caller, body.unit, "/unit")
    elif caller.unit is not None:
        fault = Fault("/unit", "required", "another council's auditor is recorded by someone of the whole council")
        raise Malformed("The auditor cannot be recorded; see errors.", errors=[fault])
    await check_codes(session, "tools", {f"/tools/{place}": tool for place, tool in enumerate(body.tools)})


async def _note(session: AsyncSession, caller: Caller, deed: str, reference: str, body: AuditorIn) -> None:
    await record_activity(
        session, caller, deed, "auditor", reference, content=body.model_dump(mode="json"), unit=body.unit,
        data={"capacity_per_month": body.capacity_per_month},
    )  # fmt: skip


async def within_reach(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """Auditors of the caller's own units; those of other councils are the whole council's to see."""
    allowed = await visible_units(session, caller)
    return sa.true() if allowed is None else auditors.c.unit.in_(sorted(allowed))


async def list_auditors(
    session: AsyncSession,
    caller: Caller,
    *,
    units: frozenset[str] | None,
    tool: str | None,
    available_on: date | None,
    after: str | None,
    limit: int,
) -> Sequence[sa.Row[Any]]:
    """Auditors in order of reference."""
    statement = sa.select(auditors).where(await within_reach(session, caller))
    if units is not None:
        statement = statement.where(auditors.c.unit.in_(sorted(units)))
    if tool is not None:
        statement = statement.where(auditors.c.tools.contains([tool]))
    if available_on is not None:
        ended = sa.and_(auditors.c.available_to.is_not(None), auditors.c.available_to < available_on)
        statement = statement.where(auditors.c.available_from <= available_on, sa.not_(ended))
    if after is not None:
        statement = statement.where(auditors.c.reference > after)
    return (await session.execute(statement.order_by(auditors.c.reference).limit(limit))).all()


async def read_auditor(session: AsyncSession, caller: Caller, reference: str) -> sa.Row[Any]:
    """The auditor; raises NotFound where there is none within reach."""
    statement = sa.select(auditors).where(auditors.c.reference == reference, await within_reach(session, caller))
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def auditor_out(row: Any, loads: Mapping[str, tuple[int, int]]) -> AuditorOut:
    in_hand, this_month = loads.get(row.reference, (0, 0))
    kept = {name: getattr(row, name) for name in AuditorOut.model_fields if name in row._fields}
    return AuditorOut(**kept, audits_in_hand=in_hand, given_this_month=this_month, allowed_actions=["change"])
