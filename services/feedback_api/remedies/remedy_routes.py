"""The routes of remedies."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.histories import RecordVersionOut
from services.feedback_api.parameters import RefFilter, RefInPath
from services.feedback_api.remedies import serving
from services.feedback_api.remedies.kinds import REMEDY
from services.feedback_api.remedies.queries import Filters
from services.feedback_api.remedies.schemas import RemedyEdit, RemedyIn, RemedyOut, RemedyStatus
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match
from shared.paging import Cursor, Page, cursor
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code, Reference
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["remedies"], route_class=StrictRoute)
Handler = Annotated[Caller, may("feedback:complaints")]


@router.post("/complaints/{respond_ref}/remedies", response_model=RemedyOut, status_code=201)
async def add_remedy(
    request: Request, respond_ref: RefInPath, body: RemedyIn, caller: Handler, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf,
) -> Response:  # fmt: skip
    """Record a remedy on a complaint."""
    identifiers = settings.free_text_identifiers
    return await serving.add_one(request, database, caller, clock, identifiers, REMEDY, respond_ref, body)


@router.get("/remedies", response_model=Page[RemedyOut])
async def list_remedies(
    request: Request,
    caller: Handler,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: RemedyStatus | None = None,
    overdue: Annotated[bool | None, Query(description="past its day and still owed")] = None,
    unit: Annotated[Code | None, Query(description="complaints about this unit and those below")] = None,
    owner: Annotated[Reference | None, Query(description="owed by this staff account")] = None,
    respond_ref: RefFilter = None,
) -> Response:
    """The remedies the caller may see, latest due first."""
    filters = Filters(status, overdue, unit, owner, respond_ref)
    return await serving.list_some(request, database, caller, clock, REMEDY, filters, at)


@router.get("/remedies/{remedy_id}", response_model=RemedyOut)
async def get_remedy(remedy_id: UUID, caller: Handler, database: DatabaseOf, clock: ClockOf) -> Response:
    """A remedy; that it was read is logged."""
    return await serving.read_one(database, caller, clock, REMEDY, remedy_id)


@router.patch("/remedies/{remedy_id}", response_model=RemedyOut)
async def change_remedy(
    remedy_id: UUID, body: RemedyEdit, caller: Handler, database: DatabaseOf, clock: ClockOf, settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:  # fmt: skip
    """Say what became of it, or correct it; what it said before is kept."""
    identifiers = settings.free_text_identifiers
    return await serving.change_one(database, caller, clock, identifiers, match, REMEDY, remedy_id, body)


@router.get("/remedies/{remedy_id}/history", response_model=Page[RecordVersionOut])
async def list_remedy_versions(
    request: Request, remedy_id: UUID, caller: Handler, database: DatabaseOf, at: Annotated[Cursor, cursor(int)]
) -> Response:
    """What it said in each of its versions, who changed it, when and why, newest first."""
    return await serving.list_versions(request, database, caller, REMEDY, remedy_id, at)
