"""Programmes, their rounds and slots, and how far each round has come."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from services.audit_api.programmes import making, queries, service
from services.audit_api.programmes.parameters import ForPeriod
from services.audit_api.programmes.rendering import fingerprint, programme_out, round_out, row_out, slot_out
from services.audit_api.programmes.schemas import ProgrammeOut, RoundIn, RoundOut, RoundRow, RoundSlotOut, VoidIn
from services.audit_api.reach import items_shown
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, not_modified, version_etag
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import Period
from shared.strict import StrictRoute
from shared.tables import framework_item

router = APIRouter(prefix="/v1", tags=["programmes"], route_class=StrictRoute)
_JSON = "application/json"
_NOTHING_MORE = RoundIn()


@router.get("/programmes", response_model=Page[ProgrammeOut])
async def list_programmes(
    request: Request,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str)],
) -> Response:
    """The programmes of the applied framework, in order of code."""
    item = framework_item
    statement = sa.select(item.c.code, item.c.version, item.c.content).where(
        item.c.kind == "programmes", ~item.c.retired, items_shown(caller, item)
    )
    if at.after is not None:
        statement = statement.where(item.c.code > at.after[0])
    async with database.snapshot() as session:
        rows = (await session.execute(statement.order_by(item.c.code).limit(at.fetch))).all()
    page, following = cut_page(rows, at, lambda row: (row.code,))
    items = [programme_out(row, caller, clock.today()) for row in page]
    answer = Page[ProgrammeOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.post(
    "/programmes/{code}/rounds",
    response_model=RoundOut,
    status_code=201,
    responses={200: {"model": RoundOut, "description": "The round of this period was there already."}},
)
async def make_round(
    request: Request,
    code: Code,
    period: ForPeriod,
    caller: Annotated[Caller, may("audit:write")],
    database: DatabaseOf,
    clock: ClockOf,
    body: RoundIn = _NOTHING_MORE,
) -> Response:
    """Make the round of a period, one slot for each team in force; asked again, 200 with the same round.

    Of a programme as_decided each request makes a round of its own, for the units named. Needs audit:manage, or a
    role among the programme's instigators and a unit of the own (R34).
    """
    async with once(request, database, caller) as deed:
        found, made = await making.make_round(deed.session, caller, code, Period.parse(period), body, clock.now())
        answer = round_out(found, caller, clock.today()).model_dump_json().encode()
        headers = {"Location": f"/v1/rounds/{found.round.id}", "ETag": fingerprint(answer)}
        return deed.answer(answer, 201 if made else 200, headers, ("round", str(found.round.id)))


@router.get("/programmes/{code}/rounds", response_model=Page[RoundRow])
async def list_rounds(
    request: Request,
    code: Code,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
) -> Response:
    """The rounds of a programme, newest period first."""
    before = cursor_key(at.after, date.fromisoformat, UUID) if at.after else None
    async with database.snapshot() as session:
        rows = await queries.list_rounds(session, caller, code, before, at.fetch)
    page, following = cut_page(rows, at, lambda row: (row.starts_on.isoformat(), str(row.id)))
    answer = Page[RoundRow](items=[row_out(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/rounds/{round_id}", response_model=RoundOut)
async def get_round(
    request: Request,
    round_id: UUID,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """One round with its slots (those the caller may see) and where each stands."""
    async with database.snapshot() as session:
        found = await queries.read_round(session, caller, queries.rounds.c.id == round_id)
    if found is None:
        raise NotFound()
    body = round_out(found, caller, clock.today()).model_dump_json().encode()
    etag = fingerprint(body)
    if not_modified(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, media_type=_JSON, headers={"ETag": etag})


@router.get("/slots/{slot_id}", response_model=RoundSlotOut)
async def get_slot(
    slot_id: UUID, caller: Annotated[Caller, may("audit:read")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """One team's place in a round, with the ETag that voiding it needs."""
    async with database.snapshot() as session:
        found = await queries.read_slot(session, caller, slot_id)
    if found is None:
        raise NotFound()
    body = slot_out(found[0], found[1], caller, clock.today())
    headers = {"ETag": version_etag(found[0].version)}
    return Response(body.model_dump_json(), media_type=_JSON, headers=headers)


@router.post("/slots/{slot_id}/voids", response_model=RoundSlotOut, status_code=201)
async def void_slot(
    request: Request,
    slot_id: UUID,
    body: VoidIn,
    caller: Annotated[Caller, may("audit:manage")],
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Leave a team out of this round, with a reason; the caller is the approver and not of that team."""
    async with once(request, database, caller) as deed:
        slot, of_round = await service.void_slot(deed.session, caller, slot_id, body.reason, match, clock.now())
        answer = slot_out(slot, of_round, caller, clock.today())
        headers = {"ETag": version_etag(slot.version)}
        return deed.answer(answer, headers=headers, subject=("slot", str(slot_id)))
