"""What happens to a complaint here: stages opened and ended, time extended, the complaint set aside and resumed.

Each deed takes a locked case whose version has been checked, changes it by the rules, and keeps what it was.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import (
    Case,
    follower,
    keep,
    local_days_off,
    read_procedure,
    settle,
)
from services.feedback_api.complaints.errors import (
    AlreadySetAside,
    ComplaintRefused,
    NotSetAside,
    OutcomeNeeded,
    PutAgainTooLate,
    StageNotOpen,
)
from services.feedback_api.complaints.periods import put_again_by
from services.feedback_api.complaints.schemas import (
    ExtensionIn,
    FreezeIn,
    ProceedingsIn,
    ResumptionIn,
    StageOpenIn,
    StageOutcomeIn,
)
from services.feedback_api.complaints.service import LEARNING, note
from services.feedback_api.models import ComplaintExtension, ComplaintFreeze, ComplaintStage
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.problems import Fault
from shared.schemas.framework.feedback import ComplaintProcedure


def current_stage(case: Case, code: str | None = None) -> ComplaintStage:
    """The open stage, which is the named one where one is named; raises StageNotOpen."""
    current = case.current
    if case.complaint.status != "open" or current is None or code not in (None, current.stage):
        raise StageNotOpen()
    return current


async def finish(
    session: AsyncSession, caller: Caller, case: Case, before: dict[str, Any], now: datetime,
    procedure: ComplaintProcedure, action: str, data: dict[str, Any], reason: str | None = None,
) -> None:  # fmt: skip
    """Count the clocks anew, keep what the case said before, and record the deed."""
    settle(case, procedure, await local_days_off(session))
    await keep(session, caller, case, before, now, reason)
    await note(session, caller, action, case, data)


async def open_stage(session: AsyncSession, caller: Caller, case: Case, body: StageOpenIn, now: datetime) -> None:
    """Take the complaint into its next stage, or open a withdrawn one again."""
    if case.complaint.status == "refused":
        raise ComplaintRefused()
    dates = [(f"/{name}", getattr(body, name)) for name in ("started_on", "requested_on", "complaint_finalised_on")]
    rules.refuse_future(dates, local_date(now))
    procedure = await read_procedure(session, case.complaint.procedure)
    stage = ComplaintStage(
        **body.model_dump(),
        complaint_id=case.complaint.id,
        run=1 + sum(one.stage == body.stage for one in case.stages),
        position=1 + max((one.position for one in case.stages), default=0),
    )
    rules.check_sequence(procedure, case.complaint.received_on, [*case.stages, stage], "")
    rules.check_skip(procedure, case.stages, stage)
    rules.check_request(case, procedure, stage, await local_days_off(session))
    before = case.content()
    case.stages.append(stage)
    await finish(session, caller, case, before, now, procedure, "complaint.stage_opened", {"stage": body.stage})


async def end_stage(session: AsyncSession, caller: Caller, case: Case, body: StageOutcomeIn, now: datetime) -> None:
    """End the open stage with its outcome and what was learned, or let what follows by itself begin."""
    stage = current_stage(case, body.stage)
    dates = ("ended_on", "adjudicated_on", "ombudsman_told_on")
    rules.refuse_future([(f"/{name}", getattr(body, name)) for name in dates], local_date(now))
    for name in dates:
        rules.refuse_earlier(f"/{name}", getattr(body, name), stage.started_on, "this lies before the stage started")
    procedure = await read_procedure(session, case.complaint.procedure)
    if body.outcome is None and follower(procedure, stage.stage) is None:
        raise OutcomeNeeded(errors=[Fault("/outcome", "missing", "give the outcome of this stage")])
    before = case.content()
    stage.ended_on, stage.outcome = body.ended_on, body.outcome
    for name in ("adjudicated_on", "ombudsman_told_on"):
        setattr(stage, name, getattr(body, name) or getattr(stage, name))
    rules.check_sequence(procedure, case.complaint.received_on, case.stages, "")
    learned = body.model_dump(include=set(LEARNING), exclude_unset=True)
    owed = body.model_dump(include={"learning_owner", "learning_due_on"}, exclude_unset=True)
    for name, value in (learned | owed).items():
        setattr(case.complaint, name, value)
    if learned:
        case.complaint.learning_by, case.complaint.learning_at = caller.subject, now
    data = {"stage": body.stage, "ended_on": body.ended_on.isoformat()}
    await finish(session, caller, case, before, now, procedure, "complaint.stage_ended", data)


async def extend_stage(session: AsyncSession, caller: Caller, case: Case, body: ExtensionIn, now: datetime) -> None:
    """Give the open stage further working days, within what its limit may be extended to."""
    stage = current_stage(case)
    rules.refuse_future([("/granted_on", body.granted_on)], local_date(now))
    rules.refuse_earlier("/granted_on", body.granted_on, stage.started_on, "this lies before the stage started")
    procedure = await read_procedure(session, case.complaint.procedure)
    extension = ComplaintExtension(
        complaint_id=case.complaint.id, stage=stage.stage, run=stage.run, **body.model_dump(),
        recorded_by=caller.subject, recorded_at=now,
    )  # fmt: skip
    rules.check_extension(case, procedure, stage, extension)
    before = case.content()
    case.extensions.append(extension)
    data = {"stage": stage.stage, "working_days": body.working_days}
    await finish(session, caller, case, before, now, procedure, "complaint.extended", data)


async def set_aside(session: AsyncSession, caller: Caller, case: Case, body: FreezeIn, now: datetime) -> None:
    """Stop the clocks: the days set aside, open-ended or not, do not count."""
    current_stage(case)
    if case.set_aside is not None:
        raise AlreadySetAside()
    rules.refuse_future([("/from", body.first)], local_date(now))
    rules.refuse_earlier("/from", body.first, case.complaint.received_on, "this lies before the complaint")
    freeze = ComplaintFreeze(
        complaint_id=case.complaint.id, from_on=body.first, to_on=body.last, reason=body.reason,
        decided_by=body.decided_by or caller.subject, proceedings_ended_on=body.proceedings_ended_on,
        recorded_by=caller.subject, recorded_at=now,
    )  # fmt: skip
    rules.check_intervals([*case.freezes, freeze])
    before = case.content()
    case.freezes.append(freeze)
    procedure = await read_procedure(session, case.complaint.procedure)
    data = {"from": body.first.isoformat(), "to": body.last.isoformat() if body.last else None}
    await finish(session, caller, case, before, now, procedure, "complaint.set_aside", data)


async def resume(session: AsyncSession, caller: Caller, case: Case, body: ResumptionIn, now: datetime) -> None:
    """End the setting aside; the clocks run again from the next working day."""
    freeze = case.set_aside
    if freeze is None:
        raise NotSetAside()
    rules.refuse_future([("/to", body.to), ("/proceedings_ended_on", body.proceedings_ended_on)], local_date(now))
    rules.refuse_earlier("/to", body.to, freeze.from_on, "this lies before the complaint was set aside")
    before = case.content()
    freeze.to_on, freeze.resumed_because = body.to, body.resumed_because
    freeze.proceedings_ended_on = body.proceedings_ended_on or freeze.proceedings_ended_on
    procedure = await read_procedure(session, case.complaint.procedure)
    until = put_again_by(freeze, procedure)
    if until is not None and body.to > until and body.resumed_because is None:
        raise PutAgainTooLate()
    data = {"to": body.to.isoformat()}
    await finish(session, caller, case, before, now, procedure, "complaint.resumed", data)


async def end_proceedings(
    session: AsyncSession, caller: Caller, case: Case, body: ProceedingsIn, now: datetime
) -> None:
    """Say when the proceedings ended for which the complaint is set aside: from then it may be put again."""
    freeze = case.set_aside
    if freeze is None:
        raise NotSetAside()
    ended = body.proceedings_ended_on
    rules.refuse_future([("/proceedings_ended_on", ended)], local_date(now))
    before = case.content()
    freeze.proceedings_ended_on = ended
    procedure = await read_procedure(session, case.complaint.procedure)
    data = {"proceedings_ended_on": ended.isoformat()}
    await finish(session, caller, case, before, now, procedure, "complaint.proceedings_ended", data)
