"""The routes of what a complaint was and is called: merging, separating, recategorising, its history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from services.feedback_api.complaints import merging, recategorising
from services.feedback_api.complaints.answers import ComplaintOut
from services.feedback_api.complaints.case import hold_calendar, require_case
from services.feedback_api.complaints.handling_schemas import ComplaintMergeIn, RecategorisationIn, RestorationIn
from services.feedback_api.complaints.progress_routes import Handler, Seen, do_deed
from services.feedback_api.complaints.routes import answer_of, headers_of
from services.feedback_api.histories import RecordVersionOut, read_versions, versions_page
from services.feedback_api.models import ComplaintHistory, table_of
from services.feedback_api.parameters import RefInPath
from shared.activity.record import record_read
from shared.etags import IfMatch
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["complaints"], route_class=StrictRoute)


async def _one_at_a_time(
    request: Request, database: DatabaseOf, caller: Handler, clock: ClockOf, match: IfMatch, respond_ref: str,
    body: ComplaintMergeIn, *, apart: bool,
) -> Response:  # fmt: skip
    what = merging.separate if apart else merging.merge
    async with once(request, database, caller) as deed:
        # Two complaints are locked: nobody else may lock one in the meantime and wait for the other.
        await hold_calendar(deed.session, to_change=True)
        case = await require_case(deed.session, caller, respond_ref, lock=True)
        match.check(case.complaint.version)
        await what(deed.session, caller, case, body, clock.now())
        answer = await answer_of(deed.session, caller, case, clock.today())
        return deed.answer(answer, 200, headers_of(case), subject=("complaint", respond_ref))


@router.post("/complaints/{respond_ref}/merges", response_model=ComplaintOut, status_code=200)
async def merge_complaint(
    request: Request, respond_ref: RefInPath, body: ComplaintMergeIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Merge another reference of the same complaint into this one; it leads here from then on."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await _one_at_a_time(request, database, caller, clock, match, respond_ref, body, apart=False)


@router.post("/complaints/{respond_ref}/separations", response_model=ComplaintOut, status_code=200)
async def separate_complaint(
    request: Request, respond_ref: RefInPath, body: ComplaintMergeIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Undo a merge: the other reference is a complaint of its own again."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await _one_at_a_time(request, database, caller, clock, match, respond_ref, body, apart=True)


@router.post("/recategorisations", response_model=ComplaintOut, status_code=201)
async def recategorise_as_complaint(
    request: Request, body: RecategorisationIn, caller: Handler, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf,
) -> Response:  # fmt: skip
    """Make a complaint of a view or compliment that is one, or tie it to the complaint that exists already."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await hold_calendar(deed.session, to_change=True)
        case = await recategorising.recategorise(deed.session, caller, body, clock.now())
        answer = await answer_of(deed.session, caller, case, clock.today())
        return deed.answer(answer, 201, headers_of(case), subject=("complaint", body.respond_ref))


@router.post("/complaints/{respond_ref}/restorations", response_model=ComplaintOut, status_code=200)
async def restore_recategorised(
    request: Request, respond_ref: RefInPath, body: RestorationIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Undo a recategorisation: the compliment counts as one again; the complaint stays, to be declined or kept."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await do_deed(request, database, caller, clock, match, respond_ref, recategorising.restore, body)


@router.get("/complaints/{respond_ref}/history", response_model=Page[RecordVersionOut])
async def list_complaint_versions(
    request: Request, respond_ref: RefInPath, caller: Handler, database: DatabaseOf,
    at: Annotated[Cursor, cursor(int)],
) -> Response:  # fmt: skip
    """What the complaint said in each of its versions, who changed it, when and why, newest first."""
    async with database.transaction() as session:
        case = await require_case(session, caller, respond_ref)
        table = table_of(ComplaintHistory)
        versions = await read_versions(session, table, table.c.complaint_id, case.complaint, case.content(), at)
        await record_read(session, caller, "list_complaint_versions", "complaint", respond_ref)
    return versions_page(request, versions, at)
