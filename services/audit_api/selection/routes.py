"""Drawing cases for audit over HTTP, changing what was drawn, and doing a draw again."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.reach import units_asked_for
from services.audit_api.selection import changes, prospects, queries, redrawing, service
from services.audit_api.selection.rendering import draw_out, row_out
from services.audit_api.selection.schemas import AssignmentIn, DrawIn, ReplacementIn
from services.audit_api.selection.told import DrawOut, DrawRow, DrawsOut, PoolOut, ProspectsOut, RedrawOut
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["selection"], route_class=StrictRoute)
Manager = Annotated[Caller, may("audit:manage")]
Reader = Annotated[Caller, may("audit:read")]
_JSON = "application/json"


@router.post("/draws", response_model=DrawsOut, status_code=201)
async def draw_cases(request: Request, body: DrawIn, caller: Manager, database: DatabaseOf, clock: ClockOf) -> Response:
    """Draw a case for a slot, one for each free slot of a round, or several of a unit, and give each to an auditor who
    is independent of team and case. All in one transaction; a slot of a round that can have no case is told."""
    async with once(request, database, caller) as deed:
        found = await service.draw_cases(deed.session, caller, body, clock.now())
        draws = [await _read(deed.session, caller, draw) for draw in found.draws]
        answer = DrawsOut(seed=found.seed, draws=draws, not_drawn=found.not_drawn)
        where = f"/v1/draws/{found.draws[0]}" if body.round is None else f"/v1/draws?round={body.round}"
        return deed.answer(answer, headers={"Location": where}, subject=("draw", str(found.draws[0])))


@router.get("/rounds/{round_id}/prospects", response_model=ProspectsOut)
async def read_prospects(round_id: UUID, caller: Manager, database: DatabaseOf, clock: ClockOf) -> Response:
    """What a draw of the round would meet today: which teams' lists are missing or too old, how many cases may be
    drawn, how many auditors are free. Nothing is drawn."""
    async with database.snapshot() as session:
        answer = await prospects.read_prospects(session, caller, round_id, clock.today())
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/draws", response_model=Page[DrawRow])
async def list_draws(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
    slot: Annotated[UUID | None, Query(description="all draws there were for this slot")] = None,
    of_round: Annotated[UUID | None, Query(alias="round", description="for the slots of this round")] = None,
    audit: Annotated[UUID | None, Query(description="the one that drew the case of this audit")] = None,
) -> Response:
    """Draws within the caller's reach, newest first, without the cases."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.list_draws(session, caller, at, units=units, slot=slot, of_round=of_round, audit=audit)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[DrawRow](items=[row_out(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/draws/{draw_id}", response_model=DrawOut)
async def get_draw(draw_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """One draw: what was drawn and why not the others, who audits and why; that it was read is recorded."""
    async with database.transaction() as session:
        answer = await _read(session, caller, draw_id)
        await record_read(session, caller, "get_draw", "draw", draw_id)
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})


@router.get("/draws/{draw_id}/pool", response_model=PoolOut)
async def get_draw_pool(draw_id: UUID, caller: Annotated[Caller, may("audit:cases")], database: DatabaseOf) -> Response:
    """All that a draw was made from, in one document, so that anybody's program can do it again; that it was read is
    recorded."""
    async with database.transaction() as session:
        answer = await redrawing.pool_out(session, await _held(session, caller, draw_id))
        await record_read(session, caller, "get_draw_pool", "draw", draw_id)
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/draws/{draw_id}/redraw", response_model=RedrawOut)
async def redraw_cases(draw_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """Do the draw again from the stored pool and seed, replacements too, and say whether it comes out the same."""
    async with database.transaction() as session:
        answer = await redrawing.redraw(session, await _held(session, caller, draw_id))
        await record_read(session, caller, "redraw_cases", "draw", draw_id)
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.post("/draws/{draw_id}/replacements", response_model=DrawOut, status_code=201)
async def replace_drawn_case(
    request: Request,
    draw_id: UUID,
    body: ReplacementIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Put the next case of the same order in place of one that cannot be audited: its audit, which must not have been
    begun, is withdrawn and the other's allocated. What was drawn at first stays to be seen, with the reason."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await changes.replace_case(deed.session, caller, draw_id, body, match, words, clock.now())
        return deed.answer(**await _changed(deed.session, caller, draw_id))


@router.post("/draws/{draw_id}/assignments", response_model=DrawOut, status_code=201)
async def assign_drawn_case(
    request: Request,
    draw_id: UUID,
    body: AssignmentIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Give a drawn case to another auditor, with a reason, before its audit is begun. Training, availability and
    capacity may be overruled; independence of team and case may not."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await changes.assign(deed.session, caller, draw_id, body, match, words, clock.now())
        return deed.answer(**await _changed(deed.session, caller, draw_id))


async def _changed(session: AsyncSession, caller: Caller, draw: UUID) -> dict[str, Any]:
    answer = await _read(session, caller, draw)
    return {"model": answer, "headers": {"ETag": version_etag(answer.version)}, "subject": ("draw", str(draw))}


async def _held(session: AsyncSession, caller: Caller, draw: UUID) -> sa.Row[Any]:
    found = await queries.read_draw(session, caller, draw)
    if found is None:
        raise NotFound()
    return found


async def _read(session: AsyncSession, caller: Caller, draw: UUID) -> DrawOut:
    held = await _held(session, caller, draw)
    cases = await queries.cases_of(session, held.id)
    return draw_out(held, cases, await queries.sources_of(session, held.id), caller)
