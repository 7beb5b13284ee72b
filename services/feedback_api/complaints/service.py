"""Correcting what the council knows of a complaint, and telling of each deed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import Case, keep, local_days_off, read_procedure, settle
from services.feedback_api.complaints.eligibility import decline, is_declined, stamp, take_up_again
from services.feedback_api.complaints.schemas import ComplaintEdit, ComplaintIn
from services.feedback_api.models import Complaint
from services.feedback_api.references import UNITS, Named, require_known
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.problems import Fault, Malformed

LEARNING = ("learning", "improvement", "shared_learning")


def codes_of(body: ComplaintIn | ComplaintEdit, on: date) -> list[Named]:
    """The codes a complaint names, which must be in force on the day it was received."""
    named = [
        Named("/unit", UNITS, body.unit or "", on),
        Named("/agency", "agencies", body.agency or "", on),
        Named("/respondent_group", "respondent_groups", body.respondent_group or "", on),
        *(Named(f"/themes/{at}", "themes", theme, on) for at, theme in enumerate(body.themes or [])),
    ]
    return [one for one in named if one.code]


def stamp_learning(complaint: Complaint, before: tuple[Any, ...], caller: Caller, now: datetime) -> None:
    """Note who gave the learning, and when, where it is not what it was before."""
    if tuple(getattr(complaint, name) for name in LEARNING) != before:
        complaint.learning_by, complaint.learning_at = caller.subject, now


async def edit_complaint(session: AsyncSession, caller: Caller, case: Case, body: ComplaintEdit, now: datetime) -> bool:
    """Change what the body gives in a locked complaint; says whether anything changed."""
    complaint = case.complaint
    changes = body.model_dump(exclude_unset=True, exclude={"reason", "names_on_record"})
    if all(getattr(complaint, name) == value for name, value in changes.items()):
        return False
    await require_known(session, caller, codes_of(body, complaint.received_on))
    rules.refuse_future([("/matter_on", body.matter_on)], local_date(now))
    procedure, off = await read_procedure(session, complaint.procedure), await local_days_off(session)
    rules.check_refusal_code(procedure, body.refusal_code)
    before = case.content()
    learned = tuple(getattr(complaint, name) for name in LEARNING)
    for name, value in changes.items():
        setattr(complaint, name, value)
    stamp_learning(complaint, learned, caller, now)
    stamp(complaint, changes, caller.subject, local_date(now))
    if is_declined(complaint):
        if complaint.refusal_reason is None:
            fault = Fault("/refusal_reason", "missing", "a complaint that is not taken up needs a refusal_reason")
            raise Malformed("The reason is missing; see errors.", errors=[fault])
        decline(case, local_date(now))
    elif complaint.status == "refused":
        take_up_again(case, procedure, local_date(now), body.reason)
    settle(case, procedure, off)
    await keep(session, caller, case, before, now, body.reason)
    await note(session, caller, "complaint.corrected", case)
    return True


async def note(
    session: AsyncSession, caller: Caller, action: str, case: Case, data: dict[str, Any] | None = None
) -> None:
    """Record the deed: codes, dates and numbers only, the words only as a digest."""
    content, told = case.content(), told_of(case) | (data or {})
    ref, unit = case.complaint.respond_ref, case.complaint.unit
    await record_activity(session, caller, action, "complaint", ref, content=content, unit=unit, data=told)


def told_of(case: Case) -> dict[str, Any]:
    """What each deed tells of a complaint."""
    complaint = case.complaint
    return {
        "procedure": complaint.procedure, "status": complaint.status, "outcome": complaint.outcome,
        "stage": case.current.stage if case.current else None, "version": complaint.version,
    }  # fmt: skip
