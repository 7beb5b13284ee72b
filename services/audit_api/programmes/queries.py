"""Reading rounds with their slots and the audits that stand in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Audit, AuditRound, AuditSlot
from services.audit_api.reach import slots_reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.schemas.audit_summary import SlotState
from shared.tables import org_unit

rounds, slots, audits = table_of(AuditRound), table_of(AuditSlot), table_of(Audit)

_slots_with_audits = (
    sa.select(
        slots,
        org_unit.c.name.label("unit_name"),
        audits.c.id.label("audit_id"),
        audits.c.status.label("audit_status"),
        audits.c.submitted_on,
    )
    .join(org_unit, org_unit.c.code == slots.c.unit)
    .outerjoin(audits, sa.and_(audits.c.slot_id == slots.c.id, audits.c.status != "withdrawn"))
    .order_by(slots.c.unit)
)


@dataclass(frozen=True)
class RoundWithSlots:
    """A round and those of its slots that the caller may see."""

    round: sa.Row[Any]
    slots: Sequence[sa.Row[Any]]


def of_period(programme: str, first: date, last: date) -> sa.ColumnElement[bool]:
    """The condition on the regular rounds that begin from one day to another."""
    return sa.and_(rounds.c.programme == programme, rounds.c.regular, rounds.c.starts_on.between(first, last))


async def read_rounds(
    session: AsyncSession, caller: Caller, wanted: sa.ColumnElement[bool]
) -> Sequence[RoundWithSlots]:
    """The rounds with their visible slots, by their first days; none that has no visible slot."""
    found = (await session.execute(sa.select(rounds).where(wanted).order_by(rounds.c.starts_on, rounds.c.id))).all()
    if not found:
        return []
    within = await slots_reached(session, caller)
    of_these = slots.c.round_id.in_([one.id for one in found])
    places: dict[UUID, list[sa.Row[Any]]] = {}
    for row in await session.execute(_slots_with_audits.where(of_these, within)):
        places.setdefault(row.round_id, []).append(row)
    return [RoundWithSlots(one, places[one.id]) for one in found if one.id in places]


async def read_round(session: AsyncSession, caller: Caller, wanted: sa.ColumnElement[bool]) -> RoundWithSlots | None:
    """The one round; None where there is no such round or none of its slots is visible."""
    return next(iter(await read_rounds(session, caller, wanted)), None)


async def read_slot(session: AsyncSession, caller: Caller, slot: UUID) -> tuple[sa.Row[Any], sa.Row[Any]] | None:
    """The slot and its round; None where the caller may not know of it."""
    statement = _slots_with_audits.where(slots.c.id == slot, await slots_reached(session, caller))
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return row, (await session.execute(sa.select(rounds).where(rounds.c.id == row.round_id))).one()


async def list_rounds(
    session: AsyncSession, caller: Caller, programme: str, before: tuple[date, UUID] | None, limit: int
) -> Sequence[sa.Row[Any]]:
    """The rounds of a programme with a slot within reach, newest period first."""
    mine = sa.exists().where(slots.c.round_id == rounds.c.id, await slots_reached(session, caller))
    statement = sa.select(rounds).where(rounds.c.programme == programme, mine)
    if before is not None:
        last = (sa.literal(part) for part in before)
        statement = statement.where(sa.tuple_(rounds.c.starts_on, rounds.c.id) < sa.tuple_(*last))
    newest = statement.order_by(rounds.c.starts_on.desc(), rounds.c.id.desc())
    return (await session.execute(newest.limit(limit))).all()


def state_of(slot: Any, due_on: date, missed_after: date, today: date) -> SlotState:
    """Where a slot stands on a day."""
    if slot.void_reason is not None:
        return "void"
    if slot.submitted_on is not None:
        return "done" if slot.submitted_on <= due_on else "late_done"
    return undone(due_on, missed_after, today)


def undone(due_on: date, missed_after: date, today: date) -> SlotState:
    """Where a slot without a submitted audit stands on a day."""
    if today <= due_on:
        return "expected"
    return "overdue" if today <= missed_after else "missed"
