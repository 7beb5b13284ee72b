"""What a draw of a round would meet today, slot by slot, without drawing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import AuditSlot
from services.audit_api.registry import table_of
from services.audit_api.selection.bench import Staffing
from services.audit_api.selection.errors import NoEligibleCase
from services.audit_api.selection.places import Place, places_in_slots
from services.audit_api.selection.planning import OF_A_SLOT, staff_for, usable_pool
from services.audit_api.selection.told import ProspectOut, ProspectsOut
from shared.auth.caller import Caller
from shared.problems import NotFound

_slots = table_of(AuditSlot)


async def read_prospects(session: AsyncSession, caller: Caller, of_round: UUID, on: date) -> ProspectsOut:
    """The slots of the round within reach, each with what is against it; raises NotFound where there is none."""
    places = await places_in_slots(session, caller, _slots.c.round_id == of_round, lock=False)
    if not places:
        raise NotFound()
    staff = await staff_for(session, places, on)
    slots = [await _prospect(session, place, staff) for place in places]
    return ProspectsOut(round=str(of_round), on=on, slots=slots)


async def _prospect(session: AsyncSession, place: Place, staff: Staffing) -> ProspectOut:
    found = ProspectOut(
        slot=str(place.slot), unit=place.unit, ready=True, reason=None, detail=None, eligible=0, excluded={},
        auditors_free=len(staff.bench.free(staff.jobs[place.unit])),
    )  # fmt: skip
    try:
        pool = await usable_pool(session, place, staff)
    except OF_A_SLOT as problem:
        against = {"ready": False, "reason": problem.slug, "detail": problem.detail or problem.title}
        counted = {"excluded": problem.extra["excluded"]} if isinstance(problem, NoEligibleCase) else {}
        return found.model_copy(update=against | counted)
    return found.model_copy(update={"eligible": len(pool.eligible), "excluded": pool.counts()})
