"""The routes by which a complaint moves: stages, extensions, outcomes, setting aside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Request, Response

from services.feedback_api.complaints import progress
from services.feedback_api.complaints.answers import ComplaintOut
from services.feedback_api.complaints.case import require_case
from services.feedback_api.complaints.routes import answer_of, headers_of, texts_of
from services.feedback_api.complaints.schemas import (
    ExtensionIn,
    FreezeIn,
    ProceedingsIn,
    ResumptionIn,
    StageOpenIn,
    StageOutcomeIn,
)
from services.feedback_api.parameters import RefInPath
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, if_match
from shared.free_text import screen
from shared.idempotency import once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/complaints/{respond_ref}", tags=["complaints"], route_class=StrictRoute)
Handler = Annotated[Caller, may("feedback:complaints")]
Seen = Annotated[IfMatch, if_match()]


async def do_deed(
    request: Request, database: Database, caller: Caller, clock: Clock, match: IfMatch, respond_ref: str,
    what: Callable[..., Awaitable[None]], body: object,
) -> Response:  # fmt: skip
    """One deed on one locked complaint whose version the caller has seen."""
    async with once(request, database, caller) as deed:
        case = await require_case(deed.session, caller, respond_ref, lock=True)
        match.check(case.complaint.version)
        await what(deed.session, caller, case, body, clock.now())
        answer = await answer_of(deed.session, caller, case, clock.today())
        return deed.answer(answer, 200, headers_of(case), subject=("complaint", respond_ref))


@router.post("/stages", response_model=ComplaintOut, status_code=200)
async def open_complaint_stage(
    request: Request, respond_ref: RefInPath, body: StageOpenIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Open the next stage, or a withdrawn one again; both clocks of an earlier run are kept."""
    screen({"/accepted_because": body.accepted_because}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, progress.open_stage, body)


@router.post("/outcomes", response_model=ComplaintOut, status_code=200)
async def end_complaint_stage(
    request: Request, respond_ref: RefInPath, body: StageOutcomeIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """End the open stage with its outcome, and with what was learned and improved."""
    screen(texts_of(body), settings.free_text_identifiers, body.names_on_record)
    return await do_deed(request, database, caller, clock, match, respond_ref, progress.end_stage, body)


@router.post("/extensions", response_model=ComplaintOut, status_code=200)
async def extend_complaint_stage(
    request: Request, respond_ref: RefInPath, body: ExtensionIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Give the open stage further working days, with the reason, up to its extended limit."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, progress.extend_stage, body)


@router.post("/freezes", response_model=ComplaintOut, status_code=200)
async def set_complaint_aside(
    request: Request, respond_ref: RefInPath, body: FreezeIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Set the complaint aside, with the reason: days set aside do not count."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, progress.set_aside, body)


@router.post("/resumptions", response_model=ComplaintOut, status_code=200)
async def resume_complaint(
    request: Request, respond_ref: RefInPath, body: ResumptionIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Say which day was the last set aside; the clocks run again from the next working day."""
    screen({"/resumed_because": body.resumed_because}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, progress.resume, body)


@router.post("/ended-proceedings", response_model=ComplaintOut, status_code=200)
async def end_proceedings(
    request: Request, respond_ref: RefInPath, body: ProceedingsIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, match: Seen,
) -> Response:  # fmt: skip
    """Say when the proceedings ended for which it is set aside: how long it may be put again counts from then."""
    return await do_deed(request, database, caller, clock, match, respond_ref, progress.end_proceedings, body)
