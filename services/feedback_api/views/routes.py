"""The routes of views: record, correct, read, list, and take in batches."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.cases import require_cases
from services.feedback_api.parameters import CodeFilter
from services.feedback_api.references import require_known
from services.feedback_api.views import imports, queries, service
from services.feedback_api.views.errors import ViewReferenceInUse
from services.feedback_api.views.schemas import ImportOut, ViewEdit, ViewIn, ViewOut, ViewRow
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.batches import batch_body, read_batch
from shared.etags import IfMatch, as_seen, if_match, version_etag
from shared.free_text import Mode, screen
from shared.idempotency import once, once_written
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Malformed
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["views"], route_class=StrictRoute)
MAX_BYTES = 20_000_000
_ITEMS = batch_body(ViewIn, imports.MAX_ITEMS)


def _check(view: ViewIn | ViewEdit, given_on: date, today: date, identifiers: Mode) -> None:
    faults = service.date_faults(given_on, today)
    if faults:
        raise Malformed("The date cannot be; see errors.", errors=faults)
    words = {"/what_works": view.what_works, "/what_should_change": view.what_should_change}
    reason = {"/reason": view.reason} if isinstance(view, ViewEdit) else {}
    screen(words | reason, identifiers, view.names_on_record)


def _answer(
    view: dict[str, Any], links: queries.Links, caller: Caller, names: Sequence[str] = ()
) -> tuple[ViewOut, dict[str, str]]:
    headers = {"ETag": version_etag(view["version"]), "Location": f"/v1/views/{view['id']}"}
    return ViewOut.of(view, links, caller, names), headers


@router.post(
    "/views",
    response_model=ViewOut,
    status_code=201,
    responses={200: {"model": ViewOut, "description": "The source's reference is known: kept, or corrected."}},
)
async def record_view(
    request: Request,
    body: ViewIn,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record a view. A `source_ref` sent again changes nothing; with other content it is a correction."""
    _check(body, body.given_on, clock.today(), settings.free_text_identifiers)
    async with once_written(request, database, caller) as deed:
        sent = service.Sent(body, service.harm_in(body))
        done = await service.record_view(deed.work, caller, sent, clock.now())
        if done.state == "in_use":
            raise ViewReferenceInUse()
        answer, headers = _answer(done.view, done.links, caller, body.names_on_record)
        status = 201 if done.state == "created" else 200
        return deed.answer(answer, status, headers, subject=("view", str(done.view["id"])))


@router.post("/views/imports", response_model=ImportOut, status_code=200, openapi_extra=_ITEMS)
async def import_views(
    request: Request,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    mode: Annotated[
        Literal["atomic", "partial"], Query(description="one bad row refuses all, or only itself")
    ] = "atomic",
    dry_run: Annotated[bool, Query(description="only tell what would happen")] = False,
) -> Response:
    """Record up to 10,000 views at once; sent again, the batch changes nothing."""
    raw = await read_batch(request, MAX_BYTES)
    rows = await asyncio.to_thread(imports.read_rows, raw)
    digest = hashlib.sha256(raw).digest()
    async with once(request, database, caller, digest) as deed:

        async def do(session: AsyncSession) -> ImportOut:
            return await imports.import_rows(
                session, caller, rows, mode, settings.free_text_identifiers, clock.now(), dry_run=dry_run
            )

        if not dry_run:
            return deed.answer(await do(deed.session), 200)
        async with deed.session.begin_nested() as point:
            report = await do(deed.session)
            await point.rollback()
        return deed.answer(report, 200)


@router.get("/views", response_model=Page[ViewRow])
async def list_views(
    request: Request,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
    channel: CodeFilter = None,
    respondent_group: CodeFilter = None,
    unit: Annotated[CodeFilter, Field(description="this unit and those below")] = None,
    theme: CodeFilter = None,
    first: Annotated[LocalDate | None, Query(alias="from", description="given on or after")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="given on or before")] = None,
    audit: Annotated[UUID | None, Query(description="given in this audit")] = None,
    flagged: Annotated[bool | None, Query(description="only those somebody should read at once")] = None,
) -> Response:
    """The views the caller may see, newest first, without their words; of the whole council with feedback:figures."""
    require_cases(caller)
    filters = queries.Filters(channel, respondent_group, unit, theme, first, last, audit, flagged)
    async with database.snapshot() as session:
        rows = await queries.list_rows(session, caller, filters, at)
    page, following = cut_page(rows, at, lambda row: place_of(row.given_on, row.id))
    answer = Page[ViewRow](items=[ViewRow.model_validate(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/views/{view_id}", response_model=ViewOut)
async def get_view(
    request: Request, view_id: UUID, caller: Annotated[Caller, may("feedback:read")], database: DatabaseOf
) -> Response:
    """One view with its words; that it was read is logged. Without feedback:figures it needs a unit's token."""
    require_cases(caller)
    async with database.transaction() as session:
        view, links = await queries.find_view(session, caller, view_id)
        await record_read(session, caller, "get_view", "view", view_id)
    return as_seen(request, view["version"], ViewOut.of(view, links, caller))


@router.patch("/views/{view_id}", response_model=ViewOut)
async def correct_view(
    view_id: UUID,
    body: ViewEdit,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Correct a view; what it said before is kept in its history."""
    async with database.transaction() as session:
        view, links = await queries.find_view(session, caller, view_id, lock=True)
        match.check(view["version"])
        given_on = body.given_on or view["given_on"]
        _check(body, given_on, clock.today(), settings.free_text_identifiers)
        await require_known(session, caller, service.codes_of(body, given_on))
        changes = body.model_dump(exclude_unset=True, exclude={"links", "reason", "names_on_record"})
        wanted = links if body.links is None else service.links_in(body.links)
        if wanted != links or any(view[name] != value for name, value in changes.items()):
            view = await service.change_view(session, caller, view, links, changes, wanted, clock.now(), body.reason)
            await service.note(session, caller, "view.corrected", view, wanted)
    answer, headers = _answer(view, wanted, caller, body.names_on_record)
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)
