"""The routes of handling a complaint: decisions, moves, escalation, people, advocacy."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import decisions, escalation, people
from services.feedback_api.complaints.answers import ComplaintOut
from services.feedback_api.complaints.case import Case, require_case
from services.feedback_api.complaints.handling_schemas import (
    AdvocacyIn,
    DepartureIn,
    EligibilityIn,
    EscalationIn,
    MoveIn,
    PersonIn,
    StageEdit,
)
from services.feedback_api.complaints.progress_routes import Handler, Seen, do_deed
from services.feedback_api.complaints.routes import answer_of, headers_of
from services.feedback_api.parameters import RefInPath
from shared.auth.caller import Caller
from shared.free_text import screen
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/complaints/{respond_ref}", tags=["complaints"], route_class=StrictRoute)


@router.post("/decisions", response_model=ComplaintOut, status_code=200)
async def decide_on_complaint(
    request: Request, respond_ref: RefInPath, body: EligibilityIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Decide on eligibility or consent: refuse with a reason, accept, or take a refused complaint up again."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, decisions.decide, body)


@router.post("/moves", response_model=ComplaintOut, status_code=200)
async def move_complaint(
    request: Request, respond_ref: RefInPath, body: MoveIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Take an excluded matter into the procedure it belongs to; the day of receipt and the history stay."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, decisions.move, body)


@router.post("/escalations", response_model=ComplaintOut, status_code=200)
async def escalate_complaint(
    request: Request, respond_ref: RefInPath, body: EscalationIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Open the next stage while this one is open: by agreement, or because this one is overdue."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, escalation.escalate, body)


@router.patch("/stages/{stage}", response_model=ComplaintOut)
async def correct_complaint_stage(
    respond_ref: RefInPath, stage: Code, body: StageEdit, caller: Handler, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Set days on the way of a stage: the written complaint finalised, reported, adjudicated, the ombudsman named."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with database.transaction() as session:
        case = await require_case(session, caller, respond_ref, lock=True)
        match.check(case.complaint.version)
        await escalation.edit_stage(session, caller, case, stage, body, clock.now())
        answer = await answer_of(session, caller, case, clock.today())
    return Response(answer, media_type="application/json", headers=headers_of(case))


@router.post("/people", response_model=ComplaintOut, status_code=200)
async def appoint_person(
    request: Request, respond_ref: RefInPath, body: PersonIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Appoint somebody to a role of the open stage, or in place of another; whom the rules bar is refused."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, people.appoint, body)


@router.post("/people/{person_id}/departures", response_model=ComplaintOut, status_code=200)
async def end_appointment(
    request: Request, respond_ref: RefInPath, person_id: UUID, body: DepartureIn, caller: Handler,
    database: DatabaseOf, clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Say that somebody no longer serves, and why; that they did stays on record."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)

    async def leave(session: AsyncSession, caller: Caller, case: Case, body: DepartureIn, now: datetime) -> None:
        await people.depart(session, caller, case, person_id, body, now)

    return await do_deed(request, database, caller, clock, match, respond_ref, leave, body)


@router.post("/advocacy", response_model=ComplaintOut, status_code=200)
async def record_advocacy_offer(
    request: Request, respond_ref: RefInPath, body: AdvocacyIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Record that an advocate was offered to whoever complains, and the answer."""
    screen({"/reason": body.reason, "/provider": body.provider}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, people.offer_advocacy, body)
