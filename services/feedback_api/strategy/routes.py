"""The routes of the participation strategy: its commitments, how each stands, and how far all have come (R12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.feedback_api.strategy import service
from services.feedback_api.strategy.schemas import CommitmentOut, CommitmentRow, OverviewOut, Status, StatusIn
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.paging import Page
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/strategy", tags=["strategy"], route_class=StrictRoute)
Reader = Annotated[Caller, may("feedback:read")]


@router.get("/commitments", response_model=Page[CommitmentRow])
async def list_strategy_commitments(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    status: Status | None = None,
    owner_role: Annotated[Code | None, Query(description="a role of the framework")] = None,
    overdue: Annotated[bool | None, Query(description="past its day and not done")] = None,
) -> Response:
    """The commitments of the applied framework with how they stand, the first due first, whole."""
    async with database.snapshot() as session:
        rows = await service.list_commitments(session, clock.today())
    wanted = [
        row
        for row in rows
        if status in (None, row.status) and owner_role in (None, row.owner_role) and overdue in (None, row.overdue)
    ]
    answer = Page[CommitmentRow](items=wanted, next=None)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/overview", response_model=OverviewOut)
async def get_strategy_overview(caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """How far the strategy has come: how many stand how, what is overdue, and whose it is."""
    async with database.snapshot() as session:
        rows = await service.list_commitments(session, clock.today())
    return Response(service.overview(rows, clock.now()).model_dump_json(), media_type="application/json")


@router.get("/commitments/{code}", response_model=CommitmentOut)
async def get_strategy_commitment(code: Code, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """One commitment with its promise and every status told."""
    async with database.snapshot() as session:
        answer = await service.read_commitment(session, caller, code, clock.today())
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.put("/commitments/{code}/status", response_model=CommitmentOut)
async def tell_commitment_status(
    code: Code,
    body: StatusIn,
    caller: Annotated[Caller, may("feedback:manage")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Tell how a commitment stands; `done` needs evidence. The first time the ETag is "0"."""
    screen({"/words": body.words}, settings.free_text_identifiers)
    async with database.transaction() as session:
        await service.tell_status(session, caller, code, body, match, clock.now())
        answer = await service.read_commitment(session, caller, code, clock.today())
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)
