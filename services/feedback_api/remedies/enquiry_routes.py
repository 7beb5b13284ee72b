"""The routes of enquiries of the ombudsman."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.histories import RecordVersionOut
from services.feedback_api.parameters import RefFilter, RefInPath
from services.feedback_api.remedies import serving
from services.feedback_api.remedies.kinds import ENQUIRY
from services.feedback_api.remedies.queries import Filters
from services.feedback_api.remedies.schemas import EnquiryEdit, EnquiryIn, EnquiryOut, EnquiryStatus
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match
from shared.paging import Cursor, Page, cursor
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code, Reference
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["remedies"], route_class=StrictRoute)
Handler = Annotated[Caller, may("feedback:complaints")]


@router.post("/complaints/{respond_ref}/ombudsman-enquiries", response_model=EnquiryOut, status_code=201)
async def add_ombudsman_enquiry(
    request: Request, respond_ref: RefInPath, body: EnquiryIn, caller: Handler, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf,
) -> Response:  # fmt: skip
    """Record an enquiry of the ombudsman on a complaint."""
    identifiers = settings.free_text_identifiers
    return await serving.add_one(request, database, caller, clock, identifiers, ENQUIRY, respond_ref, body)


@router.get("/ombudsman-enquiries", response_model=Page[EnquiryOut])
async def list_ombudsman_enquiries(
    request: Request,
    caller: Handler,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: EnquiryStatus | None = None,
    overdue: Annotated[bool | None, Query(description="past its day and still owed")] = None,
    unit: Annotated[Code | None, Query(description="complaints about this unit and those below")] = None,
    owner: Annotated[Reference | None, Query(description="owed by this staff account")] = None,
    respond_ref: RefFilter = None,
) -> Response:
    """The enquiries of the ombudsman the caller may see, latest received first."""
    filters = Filters(status, overdue, unit, owner, respond_ref)
    return await serving.list_some(request, database, caller, clock, ENQUIRY, filters, at)


@router.get("/ombudsman-enquiries/{enquiry_id}", response_model=EnquiryOut)
async def get_ombudsman_enquiry(enquiry_id: UUID, caller: Handler, database: DatabaseOf, clock: ClockOf) -> Response:
    """An enquiry of the ombudsman; that it was read is logged."""
    return await serving.read_one(database, caller, clock, ENQUIRY, enquiry_id)


@router.patch("/ombudsman-enquiries/{enquiry_id}", response_model=EnquiryOut)
async def change_ombudsman_enquiry(
    enquiry_id: UUID, body: EnquiryEdit, caller: Handler, database: DatabaseOf, clock: ClockOf, settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:  # fmt: skip
    """Say what became of it, or correct it; what it said before is kept."""
    identifiers = settings.free_text_identifiers
    return await serving.change_one(database, caller, clock, identifiers, match, ENQUIRY, enquiry_id, body)


@router.get("/ombudsman-enquiries/{enquiry_id}/history", response_model=Page[RecordVersionOut])
async def list_ombudsman_enquiry_versions(
    request: Request, enquiry_id: UUID, caller: Handler, database: DatabaseOf, at: Annotated[Cursor, cursor(int)]
) -> Response:
    """What it said in each of its versions, who changed it, when and why, newest first."""
    return await serving.list_versions(request, database, caller, ENQUIRY, enquiry_id, at)
