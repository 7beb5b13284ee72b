"""The routes of complaints: the feed from the complaints system, corrections, reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import queries, recording, service
from services.feedback_api.complaints.answers import ComplaintOut, ComplaintRow, Status, write_answer
from services.feedback_api.complaints.case import Case, local_days_off, read_procedure, require_case
from services.feedback_api.complaints.leading import survivor_of
from services.feedback_api.complaints.schemas import ComplaintEdit, ComplaintIn
from services.feedback_api.complaints.waiting import WaitingFor
from services.feedback_api.parameters import CodeFilter, RefInPath
from services.feedback_api.subjects import words_in
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once_written
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import LocalDate, Reference, StrictModel
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["complaints"], route_class=StrictRoute)


async def answer_of(session: AsyncSession, caller: Caller, case: Case, today: date, names: Sequence[str] = ()) -> bytes:
    """The case as this caller may have it today; `names` are those just sent with it."""
    if case.counted_by is None:
        case.counted_by = await read_procedure(session, case.complaint.procedure), await local_days_off(session)
    return counted_answer(caller, case, today, names)


def counted_answer(caller: Caller, case: Case, today: date, names: Sequence[str] = ()) -> bytes:
    """The same of a case that was counted in this request."""
    assert case.counted_by is not None
    procedure, off = case.counted_by
    return write_answer(case, procedure, today, off, caller, names)


def headers_of(case: Case) -> dict[str, str]:
    complaint = case.complaint
    return {"ETag": version_etag(complaint.version), "Location": f"/v1/complaints/{complaint.respond_ref}"}


def texts_of(body: StrictModel) -> dict[str, str | None]:
    """The free texts of a body by their pointers."""
    return {f"/{pointer}": text for pointer, text in words_in(body.__dict__).items()}


async def _lead_on(request: Request, session: AsyncSession, caller: Caller, case: Case) -> Response:
    survivor = await survivor_of(session, caller, case)
    if survivor is None:
        raise NotFound()
    location = request.scope.get("root_path", "") + headers_of(survivor)["Location"]
    return Response(status_code=303, headers={"Location": location})


@router.post(
    "/complaints",
    response_model=ComplaintOut,
    status_code=201,
    responses={200: {"model": ComplaintOut, "description": "The reference is known: kept, or corrected."}},
)
async def record_complaint(
    request: Request,
    body: ComplaintIn,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record a complaint by its reference: sent again it changes nothing, changed it is a correction."""
    screen(texts_of(body), settings.free_text_identifiers, body.names_on_record)
    async with once_written(request, database, caller) as deed:
        case, state = await recording.record_complaint(deed.work, caller, body, clock.now())
        answer = counted_answer(caller, case, clock.today(), body.names_on_record)
        status = 201 if state == "created" else 200
        return deed.answer(answer, status, headers_of(case), subject=("complaint", body.respond_ref))


@router.get("/complaints", response_model=Page[ComplaintRow])
async def list_complaints(
    request: Request,
    caller: Annotated[Caller, may("feedback:complaints")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: Annotated[Status | None, Query(description="all but `merged` where left out")] = None,
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
    procedure: CodeFilter = None,
    agency: CodeFilter = None,
    theme: CodeFilter = None,
    overdue: Annotated[bool | None, Query(description="past the limit of the open stage")] = None,
    incomplete: Annotated[bool | None, Query(description="closed without outcome, learning or improvement")] = None,
    first: Annotated[LocalDate | None, Query(alias="from", description="received on or after")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="received on or before")] = None,
    past_limit: Annotated[bool | None, Query(description="past the statutory limit")] = None,
    past_target: Annotated[bool | None, Query(description="past the council's own target")] = None,
    due_from: Annotated[LocalDate | None, Query(description="due on or after, by whichever clock ends first")] = None,
    due_by: Annotated[LocalDate | None, Query(description="due on or before, by whichever clock ends first")] = None,
    waiting_for: Annotated[WaitingFor | None, Query(description="what an open complaint waits for")] = None,
    learning_owner: Annotated[Reference | None, Query(description="the staff account that owes the learning")] = None,
) -> Response:
    """The complaints the caller may see, newest first, without their words."""
    filters = queries.Filters(
        status, unit, procedure, agency, theme, overdue, incomplete, first, last, past_limit, past_target, due_from,
        due_by, waiting_for, learning_owner,
    )  # fmt: skip
    async with database.snapshot() as session:
        rows = await queries.list_rows(session, caller, filters, at, clock.today())
    page, following = cut_page(rows, at, lambda row: place_of(row.received_on, row.id))
    answer = Page[ComplaintRow](items=[queries.as_row(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get(
    "/complaints/{respond_ref}",
    response_model=ComplaintOut,
    responses={303: {"description": "The reference was merged into the complaint at Location."}},
)
async def get_complaint(
    request: Request,
    respond_ref: RefInPath,
    caller: Annotated[Caller, may("feedback:complaints")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """One complaint with its clocks as they stand today; that it was read is logged."""
    async with database.transaction() as session:
        case = await require_case(session, caller, respond_ref)
        if case.complaint.merged_into is not None:
            return await _lead_on(request, session, caller, case)
        # The clocks move with the day and with bank holidays, so the version alone does not name what is shown.
        answer = await answer_of(session, caller, case, clock.today())
        await record_read(session, caller, "get_complaint", "complaint", respond_ref)
    return Response(answer, media_type="application/json", headers=headers_of(case))


@router.patch("/complaints/{respond_ref}", response_model=ComplaintOut)
async def edit_complaint(
    respond_ref: RefInPath,
    body: ComplaintEdit,
    caller: Annotated[Caller, may("feedback:complaints")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Add the learning and the improvement, or correct what is known; what it said before is kept."""
    screen(texts_of(body), settings.free_text_identifiers, body.names_on_record)
    async with database.transaction() as session:
        case = await require_case(session, caller, respond_ref, lock=True)
        match.check(case.complaint.version)
        await service.edit_complaint(session, caller, case, body, clock.now())
        answer = await answer_of(session, caller, case, clock.today(), body.names_on_record)
    return Response(answer, media_type="application/json", headers=headers_of(case))
