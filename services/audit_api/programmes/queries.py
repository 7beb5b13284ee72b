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
from services.audit_api.registry import table_of
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


async def read_round(
    session: AsyncSession, wanted: sa.ColumnElement[bool], allowed: frozenset[str] | None
) -> RoundWithSlots | None:
    """The round and its visible slots; None where there is no such round or none of its slots is visible."""
    found = (await session.execute(sa.select(rounds).where(wanted))).one_or_none()
    if found is None:
        return None
    statement = _slots_with_audits.where(slots.c.round_id == found.id)
    if allowed is not None:
        statement = statement.where(slots.c.unit.in_(sorted(allowed)))
    rows = (await session.execute(statement)).all()
    return RoundWithSlots(found, rows) if rows else None


async def read_slot(session: AsyncSession, slot: UUID) -> tuple[sa.Row[Any], sa.Row[Any]] | None:
    """The slot and its round."""
    row = (await session.execute(_slots_with_audits.where(slots.c.id == slot))).one_or_none()
    if row is None:
        return None
    return row, (await session.execute(sa.select(rounds).where(rounds.c.id == row.round_id))).one()


async def list_rounds(
    session: AsyncSession, programme: str, allowed: frozenset[str] | None, before: date | None, limit: int
) -> Sequence[sa.Row[Any]]:
    """The rounds of a programme, newest period first."""
    statement = sa.select(rounds).where(rounds.c.programme == programme)
    if before is not None:
        statement = statement.where(rounds.c.starts_on < before)
    if allowed is not None:
        mine = sa.exists().where(slots.c.round_id == rounds.c.id, slots.c.unit.in_(sorted(allowed)))
        statement = statement.where(mine)
    return (await session.execute(statement.order_by(rounds.c.starts_on.desc()).limit(limit))).all()


def state_of(slot: Any, due_on: date, missed_after: date, today: date) -> SlotState:
    """Where a slot stands on a day."""
    if slot.void_reason is not None:
        return "void"
    if slot.submitted_on is not None:
        return "done" if slot.submitted_on <= due_on else "late_done"
    if today <= due_on:
        return "expected"
    return "overdue" if today <= missed_after else "missed"
