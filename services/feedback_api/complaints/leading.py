"""Where a merged reference leads."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints.case import Case, load_case, load_handling, local_days_off, read_procedure
from services.feedback_api.models import Complaint, table_of
from shared.auth.caller import Caller
from shared.organisation.units import visible_units

_COMPLAINT = table_of(Complaint)


async def survivor_of(session: AsyncSession, caller: Caller, case: Case) -> Case | None:
    """The complaint a merged reference leads to, ready to be answered with; None where the caller sees none of it."""
    key = case.complaint.merged_into
    ref = (await session.execute(sa.select(_COMPLAINT.c.respond_ref).where(_COMPLAINT.c.id == key))).scalar_one()
    survivor = await load_case(session, ref)
    allowed = await visible_units(session, caller)
    if survivor is None or (allowed is not None and survivor.complaint.unit not in allowed):
        return None
    await load_handling(session, survivor)
    survivor.counted_by = await read_procedure(session, survivor.complaint.procedure), await local_days_off(session)
    return survivor
