"""Recording complaints as their source sends them, and correcting what the council knows of them."""

from __future__ import annotations

import hashlib
from collections.abc import Set
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import (
    Case,
    hold_calendar,
    keep,
    load_case,
    local_days_off,
    read_procedure,
    remove,
    settle,
)
from services.feedback_api.complaints.errors import ComplaintReferenceInUse
from services.feedback_api.complaints.schemas import ComplaintEdit, ComplaintIn
from services.feedback_api.complaints.wording import look_through
from services.feedback_api.models import (
    Complaint,
    ComplaintExtension,
    ComplaintFreeze,
    ComplaintStage,
    Table,
    table_of,
)
from services.feedback_api.references import UNITS, Named, require_known
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.clock import local_date
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed
from shared.schemas.framework.feedback import ComplaintProcedure

LEARNING = ("learning", "improvement", "shared_learning")
_PLAIN = ("agency", "respondent_group", "themes", "eligible", "consent_given", "refusal_reason", *LEARNING)


def _codes(body: ComplaintIn | ComplaintEdit, on: date) -> list[Named]:
    named = [
        Named("/unit", UNITS, body.unit or "", on),
        Named("/agency", "agencies", body.agency or "", on),
        Named("/respondent_group", "respondent_groups", body.respondent_group or "", on),
        *(Named(f"/themes/{at}", "themes", theme, on) for at, theme in enumerate(body.themes or [])),
    ]
    return [one for one in named if one.code]


def _check_dates(body: ComplaintIn, today: date) -> None:
    dates = [("/received_on", body.received_on)]
    for at, stage in enumerate(body.stages):
        names = ("started_on", "ended_on", "requested_on", "complaint_finalised_on")
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
    complaint.procedure, complaint.received_on, complaint.unit = body.procedure, body.received_on, body.unit
    for name in _PLAIN:
        if name in body.model_fields_set:
            setattr(complaint, name, getattr(body, name))
    if body.stages:
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
    for position, sent in enumerate(body.stages, 1):
        run = runs[sent.stage] = runs.get(sent.stage, 0) + 1
        key: dict[str, Any] = {"complaint_id": case.complaint.id, "stage": sent.stage, "run": run}
        facts = sent.model_dump(exclude={"stage", "extensions"})
        stages.append(ComplaintStage(**key, position=position, **facts))
        extensions += [
            ComplaintExtension(**key, **one.model_dump(), recorded_by=caller.subject, recorded_at=now)
            for one in sent.extensions
        ]
    case.stages, case.extensions = stages, extensions


def _stamp_learning(complaint: Complaint, before: tuple[Any, ...], caller: Caller, now: datetime) -> None:
    if tuple(getattr(complaint, name) for name in LEARNING) != before:
        complaint.learning_by, complaint.learning_at = caller.subject, now


async def record_complaint(
    session: AsyncSession, caller: Caller, body: ComplaintIn, now: datetime
) -> tuple[Case, Literal["created", "corrected", "unchanged"]]:
    """Store a new complaint, correct one its source changed, leave alone one that was only sent again."""
    _check_dates(body, local_date(now))
    codes = _codes(body, body.received_on)
    codes.append(Named("/procedure", "complaint_procedures", body.procedure, body.received_on))
    await require_known(session, caller, codes)
    await hold_calendar(session)
    procedure, off = await read_procedure(session, body.procedure), await local_days_off(session)
    # Names are looked for and forgotten: not even a digest of them is kept.
    said = body.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"names_on_record"})
    sent = hashlib.sha256(canonical(said)).digest()
    case = Case(_new(body, sent, caller, now))
    _fill(case, body, procedure, caller, now)
    _stamp_learning(case.complaint, (None, None, None), caller, now)
    settle(case, procedure, off)
    if await _insert(session, case):
        await look_through(session, caller, {}, case.content(), now, None)
        await note(session, caller, "complaint.recorded", case)
        return case, "created"
    held = await load_case(session, body.respond_ref, lock=True)
    assert held is not None
    return await _correct(session, caller, held, body, sent, procedure, off, now)


def _new(body: ComplaintIn, sent: bytes, caller: Caller, now: datetime) -> Complaint:
    return Complaint(
        respond_ref=body.respond_ref, source_hash=sent, procedure=body.procedure, received_on=body.received_on,
        unit=body.unit, themes=[], status="open", version=1, recorded_by=caller.subject, recorded_at=now,
        changed_at=now,
    )  # fmt: skip


async def _insert(session: AsyncSession, case: Case) -> bool:
    """Insert the case unless its reference is taken; a concurrent sender of it is waited for here."""
    statement = insert(table_of(Complaint)).values(case.complaint.model_dump())
    done = await session.execute(
        statement.on_conflict_do_nothing(index_elements=["respond_ref"]).returning(table_of(Complaint).c.id)
    )
    if done.scalar_one_or_none() is None:
        return False
    for rows in (case.stages, case.extensions, case.freezes):
        if rows:
            await session.execute(sa.insert(table_of(type(rows[0]))), [row.model_dump() for row in rows])
    return True


async def _correct(
    session: AsyncSession, caller: Caller, held: Case, body: ComplaintIn, sent: bytes,
    procedure: ComplaintProcedure, off: Set[date], now: datetime,
) -> tuple[Case, Literal["corrected", "unchanged"]]:  # fmt: skip
    allowed = await visible_units(session, caller)
    # Whoever passed it on may correct it; else only those who handle complaints, and only within their units.
    own = caller.may("feedback:complaints") or held.complaint.recorded_by == caller.subject
    if not own or (allowed is not None and held.complaint.unit not in allowed):
        raise ComplaintReferenceInUse()
    if held.complaint.source_hash == sent:
        return held, "unchanged"
    before = held.content()
    learned = tuple(getattr(held.complaint, name) for name in LEARNING)
    replaced: list[Table] = [*held.stages, *held.extensions] if body.stages else []
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
    before = case.content()
    learned = tuple(getattr(complaint, name) for name in LEARNING)
    for name, value in changes.items():
        setattr(complaint, name, value)
    _stamp_learning(complaint, learned, caller, now)
    refused = complaint.eligible is False or complaint.consent_given is False
    if refused and complaint.refusal_reason is None:
        fault = Fault("/refusal_reason", "missing", "a complaint that is not taken up needs a refusal_reason")
        raise Malformed("The reason is missing; see errors.", errors=[fault])
    if refused and case.current is not None:
        case.current.ended_on = max(local_date(now), case.current.started_on)
    settle(case, await read_procedure(session, complaint.procedure), await local_days_off(session))
    await keep(session, caller, case, before, now, body.reason)
    await note(session, caller, "complaint.corrected", case)
    return True


async def note(
    session: AsyncSession, caller: Caller, action: str, case: Case, data: dict[str, Any] | None = None
) -> None:
    """Record the deed: codes, dates and numbers only, the words only as a digest."""
    complaint = case.complaint
    told = {
        "procedure": complaint.procedure, "status": complaint.status, "outcome": complaint.outcome,
        "stage": case.current.stage if case.current else None, "version": complaint.version,
    }  # fmt: skip
    await record_activity(
        session, caller, action, "complaint", complaint.respond_ref, content=case.content(), unit=complaint.unit,
        data=told | (data or {}),
    )  # fmt: skip
