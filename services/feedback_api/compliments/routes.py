"""The routes of compliments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.cases import require_cases
from services.feedback_api.compliments import merging, service
from services.feedback_api.compliments.schemas import ComplimentIn, ComplimentOut, ComplimentRow
from services.feedback_api.parameters import CodeFilter, RefInPath
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import as_seen, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["compliments"], route_class=StrictRoute)


@router.post(
    "/compliments",
    response_model=ComplimentOut,
    status_code=201,
    responses={200: {"model": ComplimentOut, "description": "The reference is known: kept, or corrected."}},
)
async def record_compliment(
    request: Request,
    body: ComplimentIn,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record a compliment by its reference: sent again it changes nothing, changed it is a correction."""
    screen({"/words": body.words}, settings.free_text_identifiers, body.names_on_record)
    async with once(request, database, caller) as deed:
        row, state = await service.record_compliment(deed.session, caller, body, clock.now())
        if state == "created":
            answer = ComplimentOut.of(row, caller, names=body.names_on_record)
        else:
            if row["merged_into"] is not None:
                row = await merging.survivor_of(deed.session, caller, row) or row
            answer = await merging.answer_of(deed.session, caller, row, body.names_on_record)
        headers = {"ETag": version_etag(row["version"]), "Location": f"/v1/compliments/{row['respond_ref']}"}
        status = 201 if state == "created" else 200
        return deed.answer(answer, status, headers, subject=("compliment", body.respond_ref))


@router.get("/compliments", response_model=Page[ComplimentRow])
async def list_compliments(
    request: Request,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
    theme: CodeFilter = None,
    first: Annotated[LocalDate | None, Query(alias="from", description="received on or after")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="received on or before")] = None,
) -> Response:
    """The compliments the caller may see, newest first, without their words; of all units with feedback:figures.

    How many there are of a group or theme may be few, so that a token for the whole council needs the scope.
    """
    require_cases(caller)
    async with database.snapshot() as session:
        rows = await service.list_rows(session, caller, unit, theme, first, last, at)
    page, following = cut_page(rows, at, lambda row: place_of(row.received_on, row.id))
    answer = Page[ComplimentRow](items=[ComplimentRow.model_validate(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get(
    "/compliments/{respond_ref}",
    response_model=ComplimentOut,
    responses={303: {"description": "The reference was merged into the compliment at Location."}},
)
async def get_compliment(
    request: Request,
    respond_ref: RefInPath,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
) -> Response:
    """One compliment with its words; that it was read is logged."""
    require_cases(caller)
    async with database.transaction() as session:
        row = await service.find_compliment(session, caller, respond_ref)
        if row["merged_into"] is not None:
            survivor = await merging.survivor_of(session, caller, row)
            if survivor is None:
                raise NotFound()
            base = request.scope.get("root_path", "")
            return Response(status_code=303, headers={"Location": f"{base}/v1/compliments/{survivor['respond_ref']}"})
        await record_read(session, caller, "get_compliment", "compliment", respond_ref)
        answer = await merging.answer_of(session, caller, row)
    return as_seen(request, row["version"], answer)
