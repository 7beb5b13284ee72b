"""The steps of a return over HTTP, each with If-Match: what was read is what is reviewed and submitted."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.reporting_api.returns import service
from services.reporting_api.returns.routes import answer_with, one_return
from services.reporting_api.returns.schemas import (
    ContentIn,
    ResubmissionIn,
    ReturnOut,
    ReturnSubmissionIn,
    ReviewIn,
    SentBackIn,
)
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/returns/{return_id}", tags=["returns"], route_class=StrictRoute)


@router.put("/content", response_model=ReturnOut)
async def change_return(
    return_id: UUID,
    body: ContentIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Another content before it is submitted; a review of the one before is void."""
    async with database.transaction() as session:
        row = await service.lock_return(session, caller, return_id, match, "prepared", "signed")
        await service.change_return(session, caller, row, body, clock.now())
        found = await one_return(session, caller, return_id, clock.today())
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/signatures", response_model=ReturnOut, status_code=200)
async def sign_return(
    request: Request,
    return_id: UUID,
    body: ReviewIn,
    caller: Annotated[Caller, may("reporting:sign")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Review and sign exactly this content, as the appropriate Head of Service or a delegate for today."""
    screen({"/comment": body.comment}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.lock_return(deed.session, caller, return_id, match, "prepared")
        await service.sign_return(deed.session, caller, row, body, clock.now(), clock.today())
        return await answer_with(deed, caller, return_id, clock.today())


@router.post("/send-backs", response_model=ReturnOut, status_code=200)
async def send_back_return(
    request: Request,
    return_id: UUID,
    body: SentBackIn,
    caller: Annotated[Caller, may("reporting:sign")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Send a return back to be mended, as its reviewer."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.lock_return(deed.session, caller, return_id, match, "prepared", "signed")
        await service.send_back_return(deed.session, caller, row, body.reason, clock.now(), clock.today())
        return await answer_with(deed, caller, return_id, clock.today())


@router.post("/submissions", response_model=ReturnOut, status_code=200)
async def submit_return(
    request: Request,
    return_id: UUID,
    body: ReturnSubmissionIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Record that exactly the reviewed content was submitted, by somebody other than its reviewer."""
    async with once(request, database, caller) as deed:
        row = await service.lock_return(deed.session, caller, return_id, match, "prepared", "signed")
        await service.submit_return(deed.session, caller, row, body, clock.now())
        return await answer_with(deed, caller, return_id, clock.today())


@router.post("/resubmissions", response_model=ReturnOut, status_code=201)
async def resubmit_return(
    request: Request,
    return_id: UUID,
    body: ResubmissionIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Take a submitted return up again, with the reason; it is reviewed anew, even with the same content."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.lock_return(deed.session, caller, return_id, match, "submitted")
        newer = await service.resubmit_return(deed.session, caller, row, body, clock.now())
        return await answer_with(deed, caller, newer, clock.today(), 201)
