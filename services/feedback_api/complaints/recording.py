"""Recording complaints as their source sends them: most are new, and go in by two journeys."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import (
    Case,
    hold_calendar,
    keep,
    load_case,
    load_handling,
    read_procedure,
    remove,
    settle,
)
from services.feedback_api.complaints.eligibility import DECIDED
from services.feedback_api.complaints.errors import ComplaintReferenceInUse
from services.feedback_api.complaints.leading import survivor_of
from services.feedback_api.complaints.procedures import parse_procedure
from services.feedback_api.complaints.replacing import replace_freezes, replace_stages
from services.feedback_api.complaints.schemas import ComplaintIn
from services.feedback_api.complaints.sent_again import PLAIN, less_what_stands
from services.feedback_api.complaints.service import LEARNING, codes_of, note, stamp_learning, told_of
from services.feedback_api.complaints.store import store_new
from services.feedback_api.complaints.wording import look_through, needs_a_look
from services.feedback_api.histories import SOURCE
from services.feedback_api.models import Complaint, Table
from services.feedback_api.references import Named
from services.feedback_api.standing import STANDING, Standing
from shared.activity.record import deed_values
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.clock import local_date
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Malformed, Problem
from shared.schemas.framework.feedback import ComplaintProcedure
from shared.work import Work


@dataclass(frozen=True, slots=True)
class Sent:
    """A complaint as its source sent it: what it names, and by which digest it is known again."""

    body: ComplaintIn
    codes: Sequence[Named]
    digest: bytes


def _fill(case: Case, body: ComplaintIn, procedure: ComplaintProcedure, caller: Caller, now: datetime) -> None:
    """Put what was sent into the case; what was left out stays."""
    complaint = case.complaint
    complaint.received_on, complaint.unit = body.received_on, body.unit
    # A source may go on naming the procedure from which a complaint was moved here: what was decided here stands.
    moved = complaint.moved_from == body.procedure
    complaint.procedure = procedure.code
    for name, value in _plain_in(body).items():
        if not (moved and name in DECIDED):
            setattr(complaint, name, value)
    _fill_parts(case, body, procedure, caller, now, moved=moved)


def _plain_in(body: ComplaintIn) -> dict[str, Any]:
    return {name: getattr(body, name) for name in PLAIN if name in body.model_fields_set}


def _fill_parts(
    case: Case, body: ComplaintIn, procedure: ComplaintProcedure, caller: Caller, now: datetime, *, moved: bool = False
) -> None:
    complaint = case.complaint
    rules.check_refusal_code(procedure, complaint.refusal_code)
    if body.stages and not moved:
        replace_stages(case, body, caller, now)
    if "set_aside" in body.model_fields_set:
        replace_freezes(case, body, caller, now)
    rules.check_intervals(case.freezes)
    rules.check_sequence(procedure, body.received_on, case.stages, "/stages")


async def record_complaint(
    work: Work, caller: Caller, body: ComplaintIn, now: datetime
) -> tuple[Case, Literal["created", "corrected", "unchanged"]]:
    """Store a new complaint, correct one its source changed, leave alone one that was only sent again."""
    rules.check_dates(body, local_date(now))
    codes = codes_of(body, body.received_on)
    codes.append(Named("/procedure", "complaint_procedures", body.procedure, body.received_on))
    # Names are looked for and forgotten: not even a digest of them is kept.
    said = body.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"names_on_record"})
    sent = Sent(body, codes, hashlib.sha256(canonical(said)).digest())
    case = await _record_by_what_is_known(work, caller, sent, now)
    return (case, "created") if case is not None else await _record_in_session(work, caller, sent, now)


async def _record_by_what_is_known(work: Work, caller: Caller, sent: Sent, now: datetime) -> Case | None:
    """A new complaint that nobody has to look at, stored in one journey."""
    standing = await STANDING.known(work)
    try:
        case = _counted(caller, sent, standing, now)
    except Problem:
        # Nobody is refused by what may have changed since.
        return None
    facts = case.facts()
    stored = not needs_a_look(facts) and await _store(work, caller, case, facts, standing)
    return case if stored else None


async def _record_in_session(
    work: Work, caller: Caller, sent: Sent, now: datetime
) -> tuple[Case, Literal["created", "corrected", "unchanged"]]:
    """With the calendar held: a complaint that is known, one somebody has to look at, or one for which the calendar or
    the framework has changed."""
    session = await work.session()
    await hold_calendar(session)
    standing = await STANDING.current(work)
    while (held := await load_case(session, sent.body.respond_ref, lock=True)) is None:
        case = _counted(caller, sent, standing, now)
        if await _store(work, caller, case, case.facts(), standing):
            await look_through(session, caller, {}, case.content(), now, None)
            return case, "created"
        # Another has sent it at the same time, or the framework was just changed.
        standing = await STANDING.current(work)
    _check_codes(caller, sent, standing)
    held, state = await _correct(session, caller, held, sent, standing, now)
    if held.complaint.merged_into is not None:
        held = await survivor_of(session, caller, held) or held
    return held, state


def _check_codes(caller: Caller, sent: Sent, standing: Standing) -> None:
    if faults := standing.known_to(caller).faults(sent.codes):
        raise Malformed("A code cannot be used; see errors.", errors=faults)


def _procedure(standing: Standing, body: ComplaintIn) -> ComplaintProcedure:
    """Once the codes were found to be known."""
    return parse_procedure(standing.procedures[body.procedure])


def _counted(caller: Caller, sent: Sent, standing: Standing, now: datetime) -> Case:
    """A new complaint with its clocks; raises the problem that keeps it from being one."""
    _check_codes(caller, sent, standing)
    case = Case(_new(sent.body, sent.digest, caller, now))
    procedure = _procedure(standing, sent.body)
    _fill_parts(case, sent.body, procedure, caller, now)
    stamp_learning(case.complaint, (None, None, None), caller, now)
    settle(case, procedure, standing.off)
    return case


async def _store(work: Work, caller: Caller, case: Case, facts: dict[str, Any], standing: Standing) -> bool:
    told, ref, unit = told_of(case), case.complaint.respond_ref, case.complaint.unit
    deed = deed_values(caller, "complaint.recorded", "complaint", ref, content=to_json(facts), unit=unit, data=told)
    return await store_new(work, case, standing, deed)


def _new(body: ComplaintIn, sent: bytes, caller: Caller, now: datetime) -> Complaint:
    return Complaint.unstored(
        id=new_id(), respond_ref=body.respond_ref, source_hash=sent, procedure=body.procedure, unit=body.unit,
        received_on=body.received_on, status="open", version=1, recorded_by=caller.subject, recorded_at=now,
        changed_at=now, **({"themes": []} | _plain_in(body)),
    )  # fmt: skip


async def _correct(
    session: AsyncSession, caller: Caller, held: Case, sent: Sent, standing: Standing, now: datetime
) -> tuple[Case, Literal["corrected", "unchanged"]]:
    body, procedure = sent.body, _procedure(standing, sent.body)
    allowed = await visible_units(session, caller)
    # Whoever passed it on may correct it; else only those who handle complaints, and only within their units.
    own = caller.may("feedback:complaints") or held.complaint.recorded_by == caller.subject
    if not own or (allowed is not None and held.complaint.unit not in allowed):
        raise ComplaintReferenceInUse()
    await load_handling(session, held)
    moved = held.complaint.moved_from == body.procedure
    if moved:
        procedure = await read_procedure(session, held.complaint.procedure)
    if held.complaint.source_hash == sent.digest:
        held.counted_by = (procedure, standing.off)
        return held, "unchanged"
    body = await less_what_stands(session, held, body)
    before = held.content()
    learned = tuple(getattr(held.complaint, name) for name in LEARNING)
    replaced: list[Table] = [*held.stages, *held.extensions] if body.stages and not moved else []
    replaced += held.freezes if "set_aside" in body.model_fields_set else []
    _fill(held, body, procedure, caller, now)
    stamp_learning(held.complaint, learned, caller, now)
    settle(held, procedure, standing.off)
    await remove(session, held, replaced)
    held.complaint.source_hash = sent.digest
    await keep(session, caller, held, before, now, SOURCE)
    await note(session, caller, "complaint.corrected", held)
    return held, "corrected"
