"""How far a round has come: never green while a team that was not excused is missing or late (R21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.programmes.queries import RoundWithSlots, read_round, rounds, state_of
from services.audit_api.programmes.service import due_of, programme_of, slots_in_force
from shared.clock import local_date
from shared.framework.store import read_item
from shared.problems import NotFound
from shared.schemas.audit_summary import CoverageOut, SlotOut, SlotState
from shared.schemas.periods import Period
from shared.tables import org_unit

Rag = Literal["green", "amber", "red", "not_started"]


async def coverage(
    session: AsyncSession, programme: str, period: Period, allowed: frozenset[str] | None, now: datetime
) -> CoverageOut:
    """The coverage of one round; one that was never made is told as what it should have been."""
    wanted = sa.and_(rounds.c.programme == programme, rounds.c.period == period.code)
    found = await read_round(session, wanted, allowed)
    if found is not None:
        return _of_round(found, now)
    if (await session.execute(sa.select(rounds.c.id).where(wanted))).first():
        raise NotFound()
    return await _never_made(session, programme, period, allowed, now)


def _of_round(found: RoundWithSlots, now: datetime) -> CoverageOut:
    made, today = found.round, local_date(now)
    slots = [
        SlotOut(
            slot=str(row.id),
            unit=row.unit,
            unit_name=row.unit_name,
            state=state_of(row, made.due_on, made.missed_after, today),
            audit=None if row.audit_id is None else str(row.audit_id),
            submitted_on=row.submitted_on,
            void_reason=row.void_reason,
            voided_by=row.voided_by,
        )
        for row in found.slots
    ]
    begun = any(row.audit_id is not None for row in found.slots)
    return _count(
        slots, begun, now, programme=made.programme, title=made.title, period=made.period,
        round=str(made.id), due_on=made.due_on, missed_after=made.missed_after,
    )  # fmt: skip


async def _never_made(
    session: AsyncSession, code: str, period: Period, allowed: frozenset[str] | None, now: datetime
) -> CoverageOut:
    content = await read_item(session, "programmes", code)
    if content is None:
        raise NotFound()
    programme, today = programme_of(content), local_date(now)
    due = due_of(programme, period, today)
    places = await slots_in_force(session, programme, due.starts_on)
    codes = [place.unit for place in places if allowed is None or place.unit in allowed]
    if not codes:
        raise NotFound("No team that this caller may see has a slot in that period.")
    statement = sa.select(org_unit.c.code, org_unit.c.name).where(org_unit.c.code.in_(codes))
    units = (await session.execute(statement.order_by(org_unit.c.code))).all()
    state: SlotState = _undone(today, due.due_on, due.missed_after)
    slots = [SlotOut(unit=unit.code, unit_name=unit.name, state=state) for unit in units]
    return _count(
        slots, False, now, programme=code, title=programme.title, period=period.code, round=None,
        due_on=due.due_on, missed_after=due.missed_after,
    )  # fmt: skip


def _undone(today: date, due_on: date, missed_after: date) -> SlotState:
    if today <= due_on:
        return "expected"
    return "overdue" if today <= missed_after else "missed"


def _count(slots: Sequence[SlotOut], begun: bool, now: datetime, **of_round: object) -> CoverageOut:
    states = [slot.state for slot in slots]
    on_time, late_done, overdue = states.count("done"), states.count("late_done"), states.count("overdue")
    missed, void = states.count("missed"), states.count("void")
    counts = {
        "expected": len(states),
        "done": on_time + late_done,
        "on_time": on_time,
        "late": late_done + overdue,
        "overdue": overdue,
        "missed": missed,
        "void": void,
        "not_yet_due": states.count("expected"),
    }
    rag = _rag(states, begun)
    return CoverageOut.model_validate({**of_round, **counts, "rag": rag, "slots": slots, "as_at": now})


def _rag(states: Sequence[SlotState], begun: bool) -> Rag:
    counted = [state for state in states if state != "void"]
    if counted and all(state == "done" for state in counted):
        return "green"
    if "missed" in counted or "overdue" in counted:
        return "red"
    if counted and not begun and all(state == "expected" for state in counted):
        return "not_started"
    # Late but done, still under way, or every slot excused: nobody should read that as all well.
    return "amber"
