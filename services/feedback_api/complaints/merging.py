"""Two references that are one complaint."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints.case import (
    Case,
    keep,
    load_case,
    load_handling,
    local_days_off,
    read_procedure,
    require_case,
    settle,
)
from services.feedback_api.complaints.errors import MergeRefused, NotMergedHere
from services.feedback_api.complaints.handling_schemas import ComplaintMergeIn
from services.feedback_api.complaints.service import note
from services.feedback_api.quoting import MERGED, take_back
from shared.auth.caller import Caller
from shared.organisation.units import require_visible


async def merge(session: AsyncSession, caller: Caller, case: Case, body: ComplaintMergeIn, now: datetime) -> None:
    """Make another reference one with this complaint; what that one said stays its own, kept and unchanged."""
    if body.respond_ref == case.complaint.respond_ref:
        raise MergeRefused("A complaint is not merged into itself.")
    other = await require_case(session, caller, body.respond_ref, lock=True)
    if other.complaint.received_on < case.complaint.received_on:
        raise MergeRefused("The other one was received first: merge this reference into that one.")
    if other.handling.references:
        raise MergeRefused("Other references were merged into that one: separate them first.")
    before, said = case.content(), other.content()
    await _point(session, other, case.complaint.id)
    await keep(session, caller, other, said, now, body.reason)
    # Its words are told with the complaint it became, or not at all.
    await take_back(session, caller, "complaint", body.respond_ref, None, MERGED, now)
    await load_handling(session, case)
    await keep(session, caller, case, before, now, body.reason)
    await note(session, caller, "complaint.merged", case, {"merged": body.respond_ref})


async def separate(session: AsyncSession, caller: Caller, case: Case, body: ComplaintMergeIn, now: datetime) -> None:
    """Undo a merge: the other reference is a complaint of its own again, as its source last sent it."""
    other = await load_case(session, body.respond_ref, lock=True)
    if other is None or other.complaint.merged_into != case.complaint.id:
        raise NotMergedHere()
    await require_visible(session, caller, other.complaint.unit)
    before, said = case.content(), other.content()
    await _point(session, other, None)
    await keep(session, caller, other, said, now, body.reason)
    await load_handling(session, case)
    await keep(session, caller, case, before, now, body.reason)
    await note(session, caller, "complaint.separated", case, {"separated": body.respond_ref})


async def _point(session: AsyncSession, case: Case, survivor: UUID | None) -> None:
    # Read before anything is changed: a half-changed complaint is never written.
    procedure, off = await read_procedure(session, case.complaint.procedure), await local_days_off(session)
    case.complaint.merged_into = survivor
    settle(case, procedure, off)
