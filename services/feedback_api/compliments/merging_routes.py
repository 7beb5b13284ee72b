"""The routes of what a compliment was and is called: merging, separating, its history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from services.feedback_api.cases import require_cases
from services.feedback_api.compliments import merging, service
from services.feedback_api.compliments.schemas import ComplimentMergeIn, ComplimentOut
from services.feedback_api.histories import RecordVersionOut, read_versions, versions_page
from services.feedback_api.models import Compliment, ComplimentHistory, table_of
from services.feedback_api.parameters import RefInPath
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/compliments/{respond_ref}", tags=["compliments"], route_class=StrictRoute)
Handler = Annotated[Caller, may("feedback:complaints")]
Seen = Annotated[IfMatch, if_match()]


async def _do(
    request: Request, database: DatabaseOf, caller: Caller, clock: ClockOf, match: IfMatch, respond_ref: str,
    body: ComplimentMergeIn, *, apart: bool,
) -> Response:  # fmt: skip
    what = merging.separate if apart else merging.merge
    async with once(request, database, caller) as deed:
        await merging.hold_merging(deed.session)
        row = await merging.require_compliment(deed.session, caller, respond_ref)
        match.check(row["version"])
        row = await what(deed.session, caller, row, body, clock.now())
        answer = await merging.answer_of(deed.session, caller, row)
        headers = {"ETag": version_etag(row["version"]), "Location": f"/v1/compliments/{respond_ref}"}
        return deed.answer(answer, 200, headers, subject=("compliment", respond_ref))


@router.post("/merges", response_model=ComplimentOut, status_code=200)
async def merge_compliment(
    request: Request, respond_ref: RefInPath, body: ComplimentMergeIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Merge another reference of the same compliment into this one; it leads here from then on."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await _do(request, database, caller, clock, match, respond_ref, body, apart=False)


@router.post("/separations", response_model=ComplimentOut, status_code=200)
async def separate_compliment(
    request: Request, respond_ref: RefInPath, body: ComplimentMergeIn, caller: Handler, database: DatabaseOf,
    clock: ClockOf, settings: SettingsOf, match: Seen,
) -> Response:  # fmt: skip
    """Undo a merge: the other reference is a compliment of its own again."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await _do(request, database, caller, clock, match, respond_ref, body, apart=True)


@router.get("/history", response_model=Page[RecordVersionOut])
async def list_compliment_versions(
    request: Request,
    respond_ref: RefInPath,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(int)],
) -> Response:
    """What the compliment said in each of its versions, who changed it, when and why, newest first."""
    require_cases(caller)
    async with database.transaction() as session:
        row = await service.find_compliment(session, caller, respond_ref)
        table, record = table_of(ComplimentHistory), Compliment(**row)
        versions = await read_versions(session, table, table.c.compliment_id, record, service.content_of(row), at)
        await record_read(session, caller, "list_compliment_versions", "compliment", respond_ref)
    return versions_page(request, versions, at)
