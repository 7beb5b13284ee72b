"""Who serves in a stage, and whom the rules bar; and the advocate offered to whoever complains."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import Case, keep, load_handling, read_procedure, stage_of
from services.feedback_api.complaints.errors import PersonBarred, PersonHasLeft, RoleFilled
from services.feedback_api.complaints.handling_schemas import AdvocacyIn, DepartureIn, PersonIn
from services.feedback_api.complaints.progress import current_stage
from services.feedback_api.complaints.service import note
from services.feedback_api.models import ComplaintAdvocacy, ComplaintPerson, ComplaintStage, table_of
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.framework.feedback import ComplaintProcedure, StagePerson

_PERSON = table_of(ComplaintPerson)


async def appoint(session: AsyncSession, caller: Caller, case: Case, body: PersonIn, now: datetime) -> None:
    """Put somebody into a role of the open stage, unless the rules bar them; whom they replace stays on record."""
    stage = current_stage(case, body.stage)
    rules.refuse_future([("/appointed_on", body.appointed_on)], local_date(now))
    early = "this lies before the complaint was received"
    rules.refuse_earlier("/appointed_on", body.appointed_on, case.complaint.received_on, early)
    role = _role(await read_procedure(session, case.complaint.procedure), stage, body.role)
    replaced = None if body.replaces is None else _serving(case, body.replaces)
    if replaced is not None and (replaced.stage, replaced.run, replaced.role) != (stage.stage, stage.run, role.code):
        raise NotFound()
    barred = _bars(case, stage, role, body)
    if barred:
        raise PersonBarred(errors=[Fault(pointer, code, words) for pointer, code, words in barred])
    serving = case.handling.serving(stage.stage, stage.run, role.code)
    if replaced is None and len(serving) >= role.number:
        raise RoleFilled()
    before = case.content()
    if replaced is not None:
        await _leave(session, replaced, DepartureIn(left_on=body.appointed_on, reason=body.reason or ""))
    person = ComplaintPerson(
        complaint_id=case.complaint.id, run=stage.run, recorded_by=caller.subject, recorded_at=now,
        **body.model_dump(exclude={"reason"}),
    )  # fmt: skip
    await session.execute(sa.insert(_PERSON).values(person.model_dump()))
    await _keep(session, caller, case, before, now, body.reason)
    data = {"stage": stage.stage, "role": role.code, "person": body.person, "replaced": replaced is not None}
    await note(session, caller, "complaint.person_appointed", case, data)


def _role(procedure: ComplaintProcedure, stage: ComplaintStage, code: str) -> StagePerson:
    found = stage_of(procedure, stage.stage)
    role = next((one for one in found.people if one.code == code), None) if found else None
    if role is None:
        fault = Fault("/role", "unknown_code", "this is not a role of this stage in the procedure")
        raise Malformed("The role is not known; see errors.", errors=[fault])
    return role


def _bars(case: Case, stage: ComplaintStage, role: StagePerson, body: PersonIn) -> list[tuple[str, str, str]]:
    """Every rule that bars this person: where in the body, its code, and in words."""
    bars = []
    if role.independent and body.employed_by_council:
        bars.append(("/employed_by_council", "employed_by_council", "an independent person is not the council's"))
    if role.not_in_line and body.in_line_of_service:
        words = "this role is not held in the management of the service complained about"
        bars.append(("/in_line_of_service", "in_line_of_service", words))
    others = [one for one in case.handling.people if one.person == body.person]
    if any(one.stage == role.not_from_stage for one in others):
        bars.append(("/person", "served_in_earlier_stage", f"whoever served in {role.not_from_stage} is barred here"))
    if any(one in case.handling.serving(stage.stage, stage.run) for one in others):
        bars.append(("/person", "serves_already", "one person holds one role of a stage"))
    declared = (role.independent, body.employed_by_council)
    if declared == (True, False) and any(one.employed_by_council for one in others):
        words = "this person was declared as employed by the council earlier in this complaint"
        bars.append(("/person", "declared_as_employed", words))
    return bars


def _serving(case: Case, person: UUID) -> ComplaintPerson:
    found = next((one for one in case.handling.people if one.id == person), None)
    if found is None:
        raise NotFound()
    if found.left_on is not None:
        raise PersonHasLeft()
    return found


async def _leave(session: AsyncSession, person: ComplaintPerson, body: DepartureIn) -> None:
    rules.refuse_earlier("/left_on", body.left_on, person.appointed_on, "this lies before the appointment")
    values = {"left_on": body.left_on, "left_because": body.reason}
    await session.execute(sa.update(_PERSON).where(_PERSON.c.id == person.id).values(values))


async def depart(
    session: AsyncSession, caller: Caller, case: Case, person: UUID, body: DepartureIn, now: datetime
) -> None:
    """Say that somebody no longer serves, and why; their time in the stage stays on record."""
    rules.refuse_future([("/left_on", body.left_on)], local_date(now))
    leaving, before = _serving(case, person), case.content()
    await _leave(session, leaving, body)
    await _keep(session, caller, case, before, now, body.reason)
    data = {"stage": leaving.stage, "role": leaving.role, "person": leaving.person}
    await note(session, caller, "complaint.person_left", case, data)


async def offer_advocacy(session: AsyncSession, caller: Caller, case: Case, body: AdvocacyIn, now: datetime) -> None:
    """Record that an advocate was offered, and the answer; a later offer or answer stands beside it."""
    rules.refuse_future([("/offered_on", body.offered_on)], local_date(now))
    early = "this lies before the complaint was received"
    rules.refuse_earlier("/offered_on", body.offered_on, case.complaint.received_on, early)
    before = case.content()
    offer = ComplaintAdvocacy(
        complaint_id=case.complaint.id, **body.model_dump(), recorded_by=caller.subject, recorded_at=now
    )
    await session.execute(sa.insert(table_of(ComplaintAdvocacy)).values(offer.model_dump()))
    await _keep(session, caller, case, before, now, None)
    await note(session, caller, "complaint.advocacy_offered", case, {"answer": body.answer})


async def _keep(
    session: AsyncSession, caller: Caller, case: Case, before: dict[str, object], now: datetime, reason: str | None
) -> None:
    await load_handling(session, case)
    await keep(session, caller, case, before, now, reason)
