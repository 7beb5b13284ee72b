"""What cases are drawn for: a slot, each slot of a round, or a unit by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, get_args
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import edition_in_use
from services.audit_api.errors import SlotTaken, SlotVoid, ToolOfOtherType, TriggerNeeded
from services.audit_api.models import Audit, AuditRound, AuditSlot
from services.audit_api.questionnaires import Questionnaire
from services.audit_api.reach import slots_reached
from services.audit_api.registry import table_of
from services.audit_api.selection.schemas import CaseAuditType, DrawIn
from shared.auth.caller import Caller
from shared.framework.store import read_item
from shared.organisation.units import check_unit, units_below
from shared.problems import Fault, Malformed
from shared.schemas.framework.audit import REVIEWS
from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.framework.audit_selection import Selection
from shared.schemas.framework.catalogue import parse_item

_slots, _rounds, _audits = table_of(AuditSlot), table_of(AuditRound), table_of(Audit)
_FROM_ROUND = (
    "programme", "period", "due_on", "announced", "trigger", "trigger_reference", "observation_setting",
    "sample_kind",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where the drawn cases will be audited; `standing` is what an audit has from it, by column."""

    unit: str
    units: frozenset[str]
    paper: Questionnaire
    audit_type: str
    rules: Selection
    count: int = 1
    slot: UUID | None = None
    round: UUID | None = None
    void: bool = False
    taken: bool = False
    standing: dict[str, Any] = field(default_factory=dict)

    def under(self, rules: Selection) -> Place:
        """The same place under other rules."""
        return replace(self, rules=rules)

    def check_free(self) -> None:
        """Raises SlotVoid or SlotTaken where no audit can be put."""
        if self.void:
            raise SlotVoid()
        if self.taken:
            raise SlotTaken()


async def places_of(session: AsyncSession, caller: Caller, body: DrawIn, today: date) -> list[Place]:
    """The places a draw is for, locked; raises Malformed where there are none the caller may draw for."""
    if body.unit is not None:
        return [await _of_unit(session, caller, body, today)]
    wanted, pointer = (_slots.c.id == body.slot, "/slot") if body.slot else (_slots.c.round_id == body.round, "/round")
    found = await places_in_slots(session, caller, wanted, lock=True)
    if not found:
        fault = Fault(pointer, "unknown_slot", "there is no such slot that this caller may fill")
        raise Malformed("There is nothing to draw for; see errors.", errors=[fault])
    return found


async def places_in_slots(
    session: AsyncSession, caller: Caller, wanted: sa.ColumnElement[bool], *, lock: bool
) -> list[Place]:
    """The slots of one round within the caller's reach, by unit; locked against being voided or filled meanwhile."""
    taken = sa.exists().where(_audits.c.slot_id == _slots.c.id, _audits.c.status != "withdrawn").label("taken")
    within = await slots_reached(session, caller)
    statement = sa.select(_slots, taken).where(wanted, within).order_by(_slots.c.unit)
    if lock:
        statement = statement.with_for_update(of=_slots)
    slots = (await session.execute(statement)).all()
    return await _of_slots(session, slots) if slots else []


async def _of_slots(session: AsyncSession, slots: Sequence[sa.Row[Any]]) -> list[Place]:
    made = (await session.execute(sa.select(_rounds).where(_rounds.c.id == slots[0].round_id))).one()
    paper = await edition_in_use(session, made.tool)
    rules = await _rules_of(session, made.programme)
    standing = {name: getattr(made, name) for name in _FROM_ROUND} | {
        "counts_on": made.ends_on,
        "required_views": sorted(paper.views | set(made.required_views)),
    }
    return [
        Place(
            slot.unit, frozenset({slot.unit}), paper, made.audit_type, rules, slot=slot.id, round=made.id,
            void=slot.void_reason is not None, taken=slot.taken, standing=standing,
        )
        for slot in slots
    ]  # fmt: skip


async def _rules_of(session: AsyncSession, programme: str) -> Selection:
    content = await read_item(session, "programmes", programme)
    if content is None:
        return Selection()
    found = parse_item("programmes", content)
    assert isinstance(found, Programme)
    return found.selection


async def _of_unit(session: AsyncSession, caller: Caller, body: DrawIn, today: date) -> Place:
    assert body.unit is not None
    assert body.tool is not None
    await check_unit(session, caller, body.unit, "/unit", on=today)
    paper = await edition_in_use(session, body.tool)
    audit_type = body.audit_type or paper.audit_types[0]
    if audit_type not in paper.audit_types or audit_type not in get_args(CaseAuditType):
        raise ToolOfOtherType("Cases are drawn by unit for audits of whole cases; others are drawn for a round.")
    if audit_type == "thematic" and body.trigger is None:
        fault = Fault("/trigger", "required", "say what set the thematic audits off")
        raise TriggerNeeded("See errors.", errors=[fault])
    if body.trigger in REVIEWS and body.trigger_reference is None:
        fault = Fault("/trigger_reference", "required", "give the reference of the review or audit")
        raise TriggerNeeded("See errors.", errors=[fault])
    standing = {
        "trigger": body.trigger, "trigger_reference": body.trigger_reference, "due_on": body.due_on,
        "announced": True, "required_views": sorted(paper.views),
    }  # fmt: skip
    units = await units_below(session, body.unit)
    return Place(body.unit, units, paper, audit_type, Selection(), body.count, standing=standing)
