"""Deciding whether a complaint is taken up, by whom and when; and moving a matter to the procedure it belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import Case, keep, local_days_off, read_procedure, remove, settle
from services.feedback_api.complaints.eligibility import DECIDED, decline, is_declined, take_up_again
from services.feedback_api.complaints.errors import ComplaintClosed, MatterNotOld, NoSuchMove
from services.feedback_api.complaints.handling_schemas import EligibilityIn, MoveIn
from services.feedback_api.complaints.periods import lies_too_far_back
from services.feedback_api.complaints.progress import finish
from services.feedback_api.complaints.service import note
from services.feedback_api.models import Complaint
from services.feedback_api.references import Named, require_known
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.problems import Fault, Malformed
from shared.schemas.framework.feedback import ComplaintProcedure


async def decide(session: AsyncSession, caller: Caller, case: Case, body: EligibilityIn, now: datetime) -> None:
    """Record a decision about eligibility or consent: a refusal ends the open stage, an acceptance may undo one."""
    complaint = case.complaint
    rules.refuse_future([(f"/{name}", getattr(body, name)) for name in ("decided_on", "matter_on")], local_date(now))
    early = "this lies before the complaint was received"
    rules.refuse_earlier("/decided_on", body.decided_on, complaint.received_on, early)
    procedure = await read_procedure(session, complaint.procedure)
    before, was_refused = case.content(), complaint.status == "refused"
    complaint.matter_on = body.matter_on or complaint.matter_on
    if body.about == "eligibility":
        complaint.eligible = body.accepted
        complaint.eligibility_by, complaint.eligibility_on = body.decided_by, body.decided_on
    else:
        complaint.consent_given = body.accepted
        complaint.consent_by, complaint.consent_on = body.decided_by, body.decided_on
    if not body.accepted:
        _check_reason(procedure, complaint, body)
        complaint.refusal_code, complaint.refusal_reason = body.refusal_code, body.reason
        decline(case, body.decided_on)
    elif was_refused and not is_declined(complaint):
        if body.reason is None:
            fault = Fault("/reason", "missing", "say why a complaint that was refused is taken up")
            raise Malformed("The reason is missing; see errors.", errors=[fault])
        complaint.refusal_code = complaint.refusal_reason = None
        take_up_again(case, procedure, body.decided_on, body.reason)
    data = body.model_dump(mode="json", include={"about", "accepted", "decided_on", "refusal_code"})
    await finish(session, caller, case, before, now, procedure, "complaint.decided", data, body.reason)


def _check_reason(procedure: ComplaintProcedure, complaint: Complaint, body: EligibilityIn) -> None:
    known = [one for one in procedure.refusal_reasons if one.about == body.about]
    chosen = next((one for one in known if one.code == body.refusal_code), None)
    if known and chosen is None:
        words = f"give one of the procedure's refusal_reasons about {body.about}"
        raise Malformed("The reason is not known; see errors.", errors=[Fault("/refusal_code", "unknown_code", words)])
    if chosen is not None and chosen.only_when_old and not lies_too_far_back(complaint, procedure):
        raise MatterNotOld()


async def move(session: AsyncSession, caller: Caller, case: Case, body: MoveIn, now: datetime) -> None:
    """Begin anew in the procedure the matter belongs to; it was received when it was received."""
    complaint = case.complaint
    if complaint.status == "closed":
        raise ComplaintClosed()
    left = await read_procedure(session, complaint.procedure)
    target = body.procedure or left.excluded_go_to
    if target is None or target not in (left.excluded_go_to, complaint.moved_from):
        raise NoSuchMove()
    named = Named("/procedure", "complaint_procedures", target, complaint.received_on)
    await require_known(session, caller, [named])
    before, replaced = case.content(), [*case.stages, *case.extensions]
    complaint.moved_from, complaint.procedure = complaint.procedure, target
    # Whether it is taken up is decided anew under the rules it now stands under; consent does not change with them.
    for name in DECIDED:
        if not name.startswith("consent_") and complaint.consent_given is not False:
            setattr(complaint, name, None)
    case.stages, case.extensions = [], []
    settle(case, await read_procedure(session, target), await local_days_off(session))
    await remove(session, case, replaced)
    await keep(session, caller, case, before, now, body.reason)
    data = {"moved_from": complaint.moved_from, "decided_by": body.decided_by}
    await note(session, caller, "complaint.moved", case, data)
