"""Recording complaints as their source sends them, and correcting what the council knows of them."""

from __future__ import annotations

import hashlib
from collections.abc import Set
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import (
    Case,
    keep,
    load_case,
    load_handling,
    local_days_off,
    read_procedure,
    remove,
    settle,
)
from services.feedback_api.complaints.eligibility import DECIDED, decline, is_declined, stamp, take_up_again
from services.feedback_api.complaints.errors import ComplaintReferenceInUse
from services.feedback_api.complaints.leading import survivor_of
from services.feedback_api.complaints.schemas import ComplaintEdit, ComplaintIn
from services.feedback_api.complaints.store import counted_by, store_new
from services.feedback_api.complaints.wording import look_through
from services.feedback_api.models import (
    Complaint,
    ComplaintExtension,
    ComplaintFreeze,
    ComplaintStage,
    Table,
)
from services.feedback_api.references import UNITS, Named, known_of, require_known
from services.feedback_api.subjects import words_in
from shared.activity.record import deed_values, record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.clock import local_date
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed
from shared.schemas.framework.feedback import ComplaintProcedure
from shared.work import Work

_DAYS = ("received_on", "eligibility_on", "consent_on", "matter_on")
LEARNING = ("learning", "improvement", "shared_learning")
# What the council adds to a stage; a source that does not know of it does not take it away.
_ADDED_HERE = ("ended_because", "reported_on", "adjudicated_on", "ombudsman_told_on")
_PLAIN = (
    "agency", "respondent_group", "themes", "matter_on", "learning_owner", "learning_due_on", *DECIDED, *LEARNING,
)  # fmt: skip


def _codes(body: ComplaintIn | ComplaintEdit, on: date) -> list[Named]:
    named = [
        Named("/unit", UNITS, body.unit or "", on),
        Named("/agency", "agencies", body.agency or "", on),
        Named("/respondent_group", "respondent_groups", body.respondent_group or "", on),
        *(Named(f"/themes/{at}", "themes", theme, on) for at, theme in enumerate(body.themes or [])),
    ]
    return [one for one in named if one.code]


def _check_dates(body: ComplaintIn, today: date) -> None:
    dates = [(f"/{name}", getattr(body, name)) for name in _DAYS]
    for at, stage in enumerate(body.stages):
        names = [name for name in type(stage).model_fields if name.endswith("_on")]
        dates += [(f"/stages/{at}/{name}", getattr(stage, name)) for name in names]
        dates += [(f"/stages/{at}/extensions/{n}/granted_on", one.granted_on) for n, one in enumerate(stage.extensions)]
    dates += [(f"/set_aside/{at}/from", one.first) for at, one in enumerate(body.set_aside)]
    rules.refuse_future(dates, today)
    early = [at for at, one in enumerate(body.set_aside) if one.first < body.received_on]
    if early:
        faults = [Fault(f"/set_aside/{at}/from", "too_early", "this lies before the complaint") for at in early]
        raise Malformed("A date cannot be; see errors.", errors=faults)


def _fill(case: Case, body: ComplaintIn, procedure: ComplaintProcedure, caller: Caller, now: datetime) -> None:
    """Put what was sent into the case; what was left out stays."""
    complaint = case.complaint
    complaint.received_on, complaint.unit = body.received_on, body.unit
    # A source may go on naming the procedure from which a complaint was moved here: what was decided here stands.
    moved = complaint.moved_from == body.procedure
    complaint.procedure = procedure.code
    for name in _PLAIN:
        if name in body.model_fields_set and not (moved and name in DECIDED):
            setattr(complaint, name, getattr(body, name))
    rules.check_refusal_code(procedure, complaint.refusal_code)
    if body.stages and not moved:
        _replace_stages(case, body, caller, now)
    if "set_aside" in body.model_fields_set:
        case.freezes = [
            ComplaintFreeze(
                complaint_id=complaint.id, from_on=one.first, to_on=one.last, reason=one.reason,
                recorded_by=caller.subject, recorded_at=now,
            )
            for one in body.set_aside
        ]  # fmt: skip
    rules.check_intervals(case.freezes)
    rules.check_sequence(procedure, body.received_on, case.stages, "/stages")


def _replace_stages(case: Case, body: ComplaintIn, caller: Caller, now: datetime) -> None:
    stages, extensions, runs = [], [], dict[str, int]()
    had = {(one.stage, one.run): one for one in case.stages}
    for position, sent in enumerate(body.stages, 1):
        run = runs[sent.stage] = runs.get(sent.stage, 0) + 1
        key: dict[str, Any] = {"complaint_id": case.complaint.id, "stage": sent.stage, "run": run}
        facts = sent.model_dump(exclude={"stage", "extensions"})
        stages.append(ComplaintStage.unstored(**key, position=position, **facts))
        _carry_over(had.get((sent.stage, run)), stages[-1])
        extensions += [
            ComplaintExtension(**key, **one.model_dump(), recorded_by=caller.subject, recorded_at=now)
            for one in sent.extensions
        ]
    case.stages, case.extensions = stages, extensions


def _carry_over(had: ComplaintStage | None, stage: ComplaintStage) -> None:
    for name in _ADDED_HERE if had is not None else ():
        if getattr(stage, name) is None and (name != "ended_because" or (stage.ended_on and not stage.outcome)):
            setattr(stage, name, getattr(had, name))


def _stamp_learning(complaint: Complaint, before: tuple[Any, ...], caller: Caller, now: datetime) -> None:
    if tuple(getattr(complaint, name) for name in LEARNING) != before:
        complaint.learning_by, complaint.learning_at = caller.subject, now


async def record_complaint(
    work: Work, caller: Caller, body: ComplaintIn, now: datetime
) -> tuple[Case, Literal["created", "corrected", "unchanged"]]:
    """Store a new complaint, correct one its source changed, leave alone one that was only sent again."""
    _check_dates(body, local_date(now))
    codes = _codes(body, body.received_on)
    codes.append(Named("/procedure", "complaint_procedures", body.procedure, body.received_on))
    if faults := (await known_of(work, caller, codes)).faults(codes):
        raise Malformed("A code cannot be used; see errors.", errors=faults)
    procedure, off = await counted_by(work, body.procedure)
    # Names are looked for and forgotten: not even a digest of them is kept.
    said = body.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"names_on_record"})
    sent = hashlib.sha256(canonical(said)).digest()
    case = Case(_new(body, sent, caller, now))
    _fill(case, body, procedure, caller, now)
    _stamp_learning(case.complaint, (None, None, None), caller, now)
    settle(case, procedure, off)
    deed = deed_values(caller, "complaint.recorded", "complaint", body.respond_ref, **_told(case))
    if await store_new(work, case, deed):
        if words_in(case.content()):
            await look_through(await work.session(), caller, {}, case.content(), now, None)
        return case, "created"
    session = await work.session()
    held = await load_case(session, body.respond_ref, lock=True)
    assert held is not None
    held, state = await _correct(session, caller, held, body, sent, procedure, off, now)
    if held.complaint.merged_into is not None:
        held = await survivor_of(session, caller, held) or held
    return held, state


def _new(body: ComplaintIn, sent: bytes, caller: Caller, now: datetime) -> Complaint:
    return Complaint.unstored(
        id=new_id(), respond_ref=body.respond_ref, source_hash=sent, procedure=body.procedure, unit=body.unit,
        received_on=body.received_on, themes=[], status="open", version=1, recorded_by=caller.subject, recorded_at=now,
        changed_at=now,
    )  # fmt: skip


async def _correct(
    session: AsyncSession, caller: Caller, held: Case, body: ComplaintIn, sent: bytes,
    procedure: ComplaintProcedure, off: Set[date], now: datetime,
) -> tuple[Case, Literal["corrected", "unchanged"]]:  # fmt: skip
    allowed = await visible_units(session, caller)
    # Whoever passed it on may correct it; else only those who handle complaints, and only within their units.
    own = caller.may("feedback:complaints") or held.complaint.recorded_by == caller.subject
    if not own or (allowed is not None and held.complaint.unit not in allowed):
        raise ComplaintReferenceInUse()
    await load_handling(session, held)
    moved = held.complaint.moved_from == body.procedure
    if moved:
        procedure = await read_procedure(session, held.complaint.procedure)
    if held.complaint.source_hash == sent:
        held.counted_by = (procedure, off)
        return held, "unchanged"
    before = held.content()
    learned = tuple(getattr(held.complaint, name) for name in LEARNING)
    replaced: list[Table] = [*held.stages, *held.extensions] if body.stages and not moved else []
    replaced += held.freezes if "set_aside" in body.model_fields_set else []
    _fill(held, body, procedure, caller, now)
    _stamp_learning(held.complaint, learned, caller, now)
    settle(held, procedure, off)
    await remove(session, held, replaced)
    held.complaint.source_hash = sent
    await keep(session, caller, held, before, now, "source")
    await note(session, caller, "complaint.corrected", held)
    return held, "corrected"


async def edit_complaint(session: AsyncSession, caller: Caller, case: Case, body: ComplaintEdit, now: datetime) -> bool:
    """Change what the body gives in a locked complaint; says whether anything changed."""
    complaint = case.complaint
    changes = body.model_dump(exclude_unset=True, exclude={"reason", "names_on_record"})
    if all(getattr(complaint, name) == value for name, value in changes.items()):
        return False
    await require_known(session, caller, _codes(body, complaint.received_on))
    rules.refuse_future([("/matter_on", body.matter_on)], local_date(now))
    procedure, off = await read_procedure(session, complaint.procedure), await local_days_off(session)
    rules.check_refusal_code(procedure, body.refusal_code)
    before = case.content()
    learned = tuple(getattr(complaint, name) for name in LEARNING)
    for name, value in changes.items():
        setattr(complaint, name, value)
    _stamp_learning(complaint, learned, caller, now)
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
    await record_activity(session, caller, action, "complaint", case.complaint.respond_ref, **_told(case, data))


def _told(case: Case, more: dict[str, Any] | None = None) -> dict[str, Any]:
    complaint = case.complaint
    data = {
        "procedure": complaint.procedure, "status": complaint.status, "outcome": complaint.outcome,
        "stage": case.current.stage if case.current else None, "version": complaint.version,
    }  # fmt: skip
    return {"content": case.content(), "unit": complaint.unit, "data": data | (more or {})}
