"""How programmes, rounds and slots look to one caller on one day."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from services.audit_api.programmes.queries import RoundWithSlots, state_of
from services.audit_api.programmes.schemas import ProgrammeOut, RoundOut, RoundRow, RoundSlotOut
from services.audit_api.programmes.service import programme_of
from shared.auth.caller import Caller
from shared.schemas.framework.audit_programmes import Programme


def programme_out(row: Any, caller: Caller, today: date) -> ProgrammeOut:
    found = programme_of(row.content)
    return ProgrammeOut(
        code=found.code,
        title=found.title,
        audit_type=found.audit_type.value,
        tool=found.tool,
        cadence=found.cadence,
        due_working_days_after_period=found.due_working_days_after_period,
        every_months=found.every_months,
        announced=found.announced,
        instigators=list(found.instigators),
        required_views=[view.value for view in found.required_views],
        teams_in_force=[slot.unit for slot in found.slots_on(today)],
        version=row.version,
        allowed_actions=["make_round"] if _may_make(found, caller) else [],
    )


def _may_make(programme: Programme, caller: Caller) -> bool:
    if programme.regular:
        return caller.may("audit:manage") and caller.unit is None
    instigates = caller.unit is not None and bool(caller.roles.intersection(programme.instigators))
    return programme.cadence == "as_decided" and (caller.may("audit:manage") or instigates)


def fingerprint(body: bytes) -> str:
    """A strong ETag of an answer made of several rows, each of which may change it."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def row_out(row: Any) -> RoundRow:
    """A round as a line of a list."""
    return RoundRow(**_row(row))


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id), "programme": row.programme, "title": row.title, "period": row.period,
        "due_on": row.due_on, "missed_after": row.missed_after, "announced": row.announced,
    }  # fmt: skip


def round_out(found: RoundWithSlots, caller: Caller, today: date) -> RoundOut:
    made = found.round
    return RoundOut(
        **_row(made),
        audit_type=made.audit_type,
        tool=made.tool,
        required_views=made.required_views,
        trigger=made.trigger,
        trigger_reference=made.trigger_reference,
        observation_setting=made.observation_setting,
        sample_kind=made.sample_kind,
        created_by=made.created_by,
        created_at=made.created_at,
        slots=[slot_out(slot, made, caller, today) for slot in found.slots],
        allowed_actions=[],
    )


def slot_out(slot: Any, made: Any, caller: Caller, today: date) -> RoundSlotOut:
    free = slot.void_reason is None and slot.audit_id is None
    actions = ["allocate"] if free and caller.may("audit:write") else []
    if caller.may("audit:manage") and caller.unit != slot.unit and slot.void_reason is None:
        actions += [] if slot.submitted_on is not None else ["void"]
    return RoundSlotOut(
        id=str(slot.id),
        unit=slot.unit,
        unit_name=slot.unit_name,
        state=state_of(slot, made.due_on, made.missed_after, today),
        audit=None if slot.audit_id is None else str(slot.audit_id),
        submitted_on=slot.submitted_on,
        effective_from=slot.effective_from,
        effective_to=slot.effective_to,
        void_reason=slot.void_reason,
        voided_by=slot.voided_by,
        voided_at=slot.voided_at,
        version=slot.version,
        allowed_actions=actions,
    )
