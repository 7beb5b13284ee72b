"""Acknowledgements over HTTP: each recipient says that it has a report, and who has not is seen."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response

from services.reporting_api.definitions import read_definitions
from services.reporting_api.receipts import service
from services.reporting_api.receipts.schemas import AcknowledgementIn, OutstandingOut, ReceiptsOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.extracts.instants import read_instant
from shared.free_text import screen
from shared.idempotency import once
from shared.organisation.units import visible_units
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["acknowledgements"], route_class=StrictRoute)


@router.post("/reports/{report}/acknowledgements", response_model=ReceiptsOut, status_code=201)
async def acknowledge_report(
    request: Request,
    report: UUID,
    body: AcknowledgementIn,
    caller: Annotated[Caller, may("reporting:clerk")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Say for a body that it has this report, by the hash of the copy it has. It is said once and stays."""
    screen({"/note": body.note}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.find_report(deed.session, caller, report, lock=True)
        known = await read_definitions(deed.session)
        await service.acknowledge(deed.session, caller, row, known, body, clock.now())
        answer = await service.receipts(deed.session, caller, row, known, clock.now())
        return deed.answer(answer, subject=("report", str(report)))


@router.get("/reports/{report}/acknowledgements", response_model=ReceiptsOut)
async def get_acknowledgements(
    report: UUID, caller: Annotated[Caller, may("reporting:read")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """Who has this report, since when and which copy, and who has not said so."""
    async with database.snapshot() as session:
        row = await service.find_report(session, caller, report)
        known = await read_definitions(session)
        answer = await service.receipts(session, caller, row, known, clock.now())
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/outstanding-acknowledgements", response_model=Page[OutstandingOut])
async def list_outstanding_acknowledgements(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str, str)],
    board: Annotated[str | None, Query(min_length=1, max_length=200, description="code, name or alias")] = None,
) -> Response:
    """What must be acknowledged and has not been, the longest waiting first: a line for each body outstanding."""
    async with database.snapshot() as session:
        known = await read_definitions(session)
        statement, sent = service.outstanding(known)
        key = (sent.published_at, sent.id, sent.board)
        if board is not None:
            statement = statement.where(sent.board == known.board(board).code)
        if at.after is not None:
            place = cursor_key(at.after, read_instant, UUID, str)
            statement = statement.where(sa.tuple_(*key) > sa.tuple_(*(sa.literal(part) for part in place)))
        allowed = await visible_units(session, caller)
        if allowed is not None:
            statement = statement.where(sent.unit.in_(sorted(allowed)))
        rows = (await session.execute(statement.order_by(*key).limit(at.fetch))).all()
    page, following = cut_page(rows, at, lambda row: (row.published_at.isoformat(), str(row.id), row.board))
    items = [service.outstanding_out(row, known, clock.now()) for row in page]
    answer = Page[OutstandingOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))
