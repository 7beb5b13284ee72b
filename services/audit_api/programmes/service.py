"""The rules of programmes: making rounds (R21, R22) and leaving a slot out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import ToolVersion
from services.audit_api.programmes.errors import (
    NoSlotsInForce,
    OwnSlot,
    PeriodNotOfProgramme,
    SlotAlreadyVoid,
    SlotDone,
    WholeProgrammeNeeded,
)
from services.audit_api.programmes.queries import RoundWithSlots, audits, read_round, read_slot, rounds, slots
from services.audit_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.framework.store import Planned, read_item
from shared.ids import new_id
from shared.organisation.units import require_visible, units_in_force, visible_units
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.framework.audit import Programme, Slot
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.periods import Period, PeriodKind
from shared.tables import org_unit
from shared.working_days import add_working_days

_KINDS = {
    "monthly": PeriodKind.month,
    "quarterly": PeriodKind.financial_quarter,
    "annual": PeriodKind.financial_year,
}
_FURTHEST_AHEAD = timedelta(days=5 * 366)


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


@dataclass(frozen=True)
class Due:
    """The days that decide whether an audit of a period is on time, late or missed."""

    starts_on: date
    ends_on: date
    due_on: date
    missed_after: date


def due_of(programme: Programme, period: Period, today: date) -> Due:
    """The days of one period; raises PeriodNotOfProgramme for a period of another kind or far ahead."""
    wanted = _KINDS[programme.cadence]
    if period.kind is not wanted:
        words = wanted.value.replace("_", " ")
        fault = Fault("/query/period", "cadence", f"give a {words}, since the programme is {programme.cadence}")
        raise PeriodNotOfProgramme("The period does not fit the programme.", errors=[fault])
    if period.start > today + _FURTHEST_AHEAD:
        fault = Fault("/query/period", "too_far_ahead", "give a period within the next five years")
        raise PeriodNotOfProgramme("The period is too far ahead.", errors=[fault])
    days = programme.due_working_days_after_period
    return Due(
        starts_on=period.start,
        ends_on=period.end,
        due_on=add_working_days(period.end, days),
        missed_after=add_working_days(period.successor.end, days),
    )


async def slots_in_force(session: AsyncSession, programme: Programme, day: date) -> list[Slot]:
    """The programme's slots in force that day, of units in force that day: a round's denominator."""
    units = set(await units_in_force(session, day))
    return [slot for slot in programme.slots_on(day) if slot.unit in units]


async def make_round(
    session: AsyncSession, caller: Caller, code: str, period: Period, now: datetime
) -> tuple[RoundWithSlots, bool]:
    """The round of that period and whether it was made now; asked for again, it is found as it was made."""
    wanted = sa.and_(rounds.c.programme == code, rounds.c.period == period.code)
    allowed = await visible_units(session, caller)
    content = await read_item(session, "programmes", code)
    if found := await read_round(session, wanted, allowed):
        return found, False
    if content is None:
        raise NotFound()
    programme = programme_of(content)
    due = due_of(programme, period, local_date(now))
    places = await slots_in_force(session, programme, due.starts_on)
    if not places:
        raise NoSlotsInForce("Check the dates of the programme's slots and of their units.")
    if allowed is not None and not allowed.issuperset(place.unit for place in places):
        raise WholeProgrammeNeeded("A round is made for all teams of the programme together.")
    made = await _insert_round(session, caller, programme, period, due, places, now)
    found = await read_round(session, wanted, allowed)
    assert found is not None
    return found, made


async def _insert_round(
    session: AsyncSession,
    caller: Caller,
    programme: Programme,
    period: Period,
    due: Due,
    places: Sequence[Slot],
    now: datetime,
) -> bool:
    # Two callers at once: the second waits here for the first to commit, then finds that round.
    row = {
        "id": new_id(), "programme": programme.code, "title": programme.title, "period": period.code,
        "audit_type": programme.audit_type.value, "tool": programme.tool, "announced": True,
        "required_views": [view.value for view in programme.required_views],
        "starts_on": due.starts_on, "ends_on": due.ends_on, "due_on": due.due_on,
        "missed_after": due.missed_after, "created_by": caller.subject, "created_at": now,
    }  # fmt: skip
    statement = insert(rounds).on_conflict_do_nothing(index_elements=["programme", "period"])
    made = (await session.execute(statement.returning(rounds.c.id), row)).scalar_one_or_none()
    if made is None:
        return False
    places_rows = [
        {
            "id": new_id(), "round_id": made, "unit": place.unit, "version": 1,
            "effective_from": place.effective_from, "effective_to": place.effective_to,
        }
        for place in places
    ]  # fmt: skip
    await session.execute(sa.insert(slots), places_rows)
    await record_activity(
        session, caller, "round.created", "round", made, content=[place.unit for place in places],
        data={"programme": programme.code, "period": period.code, "slots": len(places)},
    )  # fmt: skip
    return True


async def void_slot(
    session: AsyncSession, caller: Caller, slot: UUID, reason: str, match: IfMatch, now: datetime
) -> tuple[Any, Any]:
    """Leave a slot out with a reason, the caller approving; an unfinished audit in it is withdrawn."""
    held = (await session.execute(sa.select(slots).where(slots.c.id == slot).with_for_update())).one_or_none()
    if held is None:
        raise NotFound()
    await require_visible(session, caller, held.unit)
    match.check(held.version)
    if held.void_reason is not None:
        raise SlotAlreadyVoid()
    if caller.unit == held.unit:
        raise OwnSlot()
    # Locked, so that a submission going on at this moment is either seen here or sees the withdrawal.
    standing = audits.c.slot_id == slot, audits.c.status != "withdrawn"
    audit = (
        await session.execute(sa.select(audits.c.id, audits.c.submitted_on).where(*standing).with_for_update())
    ).one_or_none()
    if audit is not None and audit.submitted_on is not None:
        raise SlotDone()
    await session.execute(
        sa.update(slots)
        .where(slots.c.id == slot)
        .values(void_reason=reason, voided_by=caller.subject, voided_at=now, version=held.version + 1)
    )
    if audit is not None:
        withdrawn = {"status": "withdrawn", "version": audits.c.version + 1}
        await session.execute(sa.update(audits).where(audits.c.id == audit.id).values(withdrawn))
        await record_activity(
            session, caller, "audit.withdrawn", "audit", audit.id, content=reason, unit=held.unit,
            data={"slot": str(slot)},
        )  # fmt: skip
    await record_activity(
        session, caller, "slot.voided", "slot", slot, content=reason, unit=held.unit,
        data={"round": str(held.round_id), "audit_withdrawn": audit is not None},
    )  # fmt: skip
    found = await read_slot(session, slot)
    assert found is not None
    return found
