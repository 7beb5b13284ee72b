"""Decisions of boards over HTTP: recorded on a published report, followed until they are done."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.decisions import queries, service
from services.reporting_api.decisions.schemas import (
    DecisionDetail,
    DecisionIn,
    DecisionOut,
    DecisionUpdateIn,
    Status,
)
from services.reporting_api.decisions.showing import decision_detail, decision_out
from services.reporting_api.definitions import read_definitions
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.settings import Settings
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["decisions"], route_class=StrictRoute)


async def _show(session: AsyncSession, caller: Caller, decision: UUID, clock: Clock) -> DecisionDetail:
    row = await queries.find_decision(session, caller, decision)
    updates = await queries.read_updates(session, decision)
    return decision_detail(row, updates, await read_definitions(session), caller, clock.today())


@router.post("/reports/{report}/decisions", response_model=DecisionDetail, status_code=201)
async def record_decision(
    request: Request,
    report: UUID,
    body: DecisionIn,
    caller: Annotated[Caller, may("reporting:clerk")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record what a board decided on a published report; it comes back in the next reports until it is done."""
    screen({"/decided": body.decided}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        made = await service.record_decision(deed.session, caller, report, body, clock.now(), settings)
        answer = await _show(deed.session, caller, made, clock)
        headers = {"Location": f"/v1/decisions/{made}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, status=201, headers=headers, subject=("decision", str(made)))


@router.get("/decisions", response_model=Page[DecisionOut])
async def list_decisions(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    board: Annotated[str | None, Query(min_length=1, max_length=200, description="code, name or alias")] = None,
    report: Annotated[UUID | None, Query(description="the id of the report they were made on")] = None,
    status: Status | None = None,
    overdue: Annotated[bool | None, Query(description="open past the day first agreed, or not")] = None,
    owner_role: Code | None = None,
    owner_unit: Code | None = None,
) -> Response:
    """What boards decided, by the day they met."""
    async with database.snapshot() as session:
        known = await read_definitions(session)
        chosen = known.board(board).code if board else None
        filters = queries.Filters(chosen, report, status, overdue, owner_role, owner_unit)
        rows = await queries.list_decisions(session, caller, filters, at, clock.today())
    page, following = cut_page(rows, at, lambda row: (row.meeting_on.isoformat(), str(row.id)))
    items = [decision_out(row, known, caller, clock.today()) for row in page]
    answer = Page[DecisionOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/decisions/{decision}", response_model=DecisionDetail)
async def get_decision(
    decision: UUID, caller: Annotated[Caller, may("reporting:read")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """One decision with all that was said of it."""
    async with database.snapshot() as session:
        found = await _show(session, caller, decision, clock)
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/decisions/{decision}/updates", response_model=DecisionDetail, status_code=200)
async def update_decision(
    request: Request,
    decision: UUID,
    body: DecisionUpdateIn,
    caller: Annotated[Caller, may("reporting:contribute")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Say how a decision goes; whoever also keeps the board's minutes may end it or agree another day with it."""
    return await _say(request, decision, body, caller, database, clock, settings, match)


@router.post("/decisions/{decision}/minutes", response_model=DecisionDetail, status_code=200)
async def minute_decision(
    request: Request,
    decision: UUID,
    body: DecisionUpdateIn,
    caller: Annotated[Caller, may("reporting:clerk")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Minute how a decision stands: done, cancelled, open again, or due on another day."""
    return await _say(request, decision, body, caller, database, clock, settings, match)


async def _say(
    request: Request,
    decision: UUID,
    body: DecisionUpdateIn,
    caller: Caller,
    database: Database,
    clock: Clock,
    settings: Settings,
    match: IfMatch,
) -> Response:
    screen({"/words": body.words}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await queries.find_decision(deed.session, caller, decision, lock=True)
        match.check(row.version)
        await service.update_decision(deed.session, caller, row, body, clock.now())
        answer = await _show(deed.session, caller, decision, clock)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, status=200, headers=headers, subject=("decision", str(decision)))
