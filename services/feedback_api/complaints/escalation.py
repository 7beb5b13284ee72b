"""The next stage before this one has its answer, and the days on the way of a stage."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import Case, read_procedure, stage_of
from services.feedback_api.complaints.errors import StageMayNotBeSkipped, StageNotOverdue, StageOutOfOrder
from services.feedback_api.complaints.handling_schemas import EscalationIn, StageEdit
from services.feedback_api.complaints.progress import current_stage, finish
from services.feedback_api.models import ComplaintStage
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.problems import Fault, Malformed, NotFound


async def escalate(session: AsyncSession, caller: Caller, case: Case, body: EscalationIn, now: datetime) -> None:
    """End the open stage without an outcome and open the next: agreed on both sides, or because it is overdue."""
    current = current_stage(case)
    names = ("started_on", "requested_on", "complaint_finalised_on")
    rules.refuse_future([(f"/{name}", getattr(body, name)) for name in names], local_date(now))
    asked = body.requested_on or body.started_on
    rules.refuse_earlier("/requested_on", asked, current.started_on, "this lies before the open stage started")
    procedure = await read_procedure(session, case.complaint.procedure)
    following, present = stage_of(procedure, body.stage), stage_of(procedure, current.stage)
    if following is not None and following.after != current.stage:
        raise StageOutOfOrder("It does not follow the open stage.")
    if body.because == "agreed" and not (present and present.may_be_skipped):
        raise StageMayNotBeSkipped()
    due = current.statutory_due_on or current.local_due_on
    if body.because == "overdue" and (due is None or asked <= due):
        raise StageNotOverdue()
    before = case.content()
    current.ended_on, current.ended_because = asked, body.because
    stage = ComplaintStage(
        complaint_id=case.complaint.id, stage=body.stage, run=1 + sum(one.stage == body.stage for one in case.stages),
        position=1 + max(one.position for one in case.stages), started_on=body.started_on,
        requested_on=body.requested_on, complaint_finalised_on=body.complaint_finalised_on,
        accepted_because=body.reason,
    )  # fmt: skip
    rules.check_sequence(procedure, case.complaint.received_on, [*case.stages, stage], "")
    case.stages.append(stage)
    data = {"stage": body.stage, "because": body.because}
    await finish(session, caller, case, before, now, procedure, "complaint.escalated", data, body.reason)


async def edit_stage(
    session: AsyncSession, caller: Caller, case: Case, code: str, body: StageEdit, now: datetime
) -> bool:
    """Set days on the way of the latest run of a stage; says whether anything changed."""
    stage = next((one for one in reversed(case.stages) if one.stage == code), None)
    if stage is None:
        raise NotFound()
    changes = body.model_dump(exclude_unset=True, exclude={"reason"})
    rules.refuse_future([(f"/{name}", day) for name, day in changes.items()], local_date(now))
    for name, day in changes.items():
        rules.refuse_earlier(f"/{name}", day, stage.started_on, "this lies before the stage started")
    if all(getattr(stage, name) == day for name, day in changes.items()):
        return False
    before = case.content()
    for name, day in changes.items():
        setattr(stage, name, day)
    if stage.reported_on and stage.adjudicated_on and stage.adjudicated_on < stage.reported_on:
        fault = Fault("/adjudicated_on", "too_early", "this lies before the investigation reported")
        raise Malformed("A date cannot be; see errors.", errors=[fault])
    procedure = await read_procedure(session, case.complaint.procedure)
    data = {"stage": code, "changed": sorted(changes)}
    await finish(session, caller, case, before, now, procedure, "complaint.stage_corrected", data, body.reason)
    return True
