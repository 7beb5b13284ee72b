"""The boards over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.reporting_api.boards.queries import read_reports
from services.reporting_api.boards.schemas import BoardOut
from services.reporting_api.definitions import read_definitions
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.auth.roles import role_book
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/boards", tags=["boards"], route_class=StrictRoute)


@router.get("", response_model=Page[BoardOut])
async def list_boards(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str)],
) -> Response:
    """The bodies that reports go to, a closed list, in order of code."""
    async with database.snapshot() as session:
        known = await read_definitions(session)
    boards = [one for code, one in sorted(known.boards.items()) if ("boards", code) not in known.retired]
    rows = [one for one in boards if at.after is None or one.code > at.after[0]][: at.fetch]
    page, following = cut_page(rows, at, lambda one: (one.code,))
    book, today = role_book(settings.roles_file), clock.today()
    items = [BoardOut.of(one, known.meetings[one.code], book, caller, today) for one in page]
    answer = Page[BoardOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{board}", response_model=BoardOut)
async def get_board(
    board: Annotated[str, Path(min_length=1, max_length=200, description="its code, name or an alias")],
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """One board, by code, name or alias: when it meets, the reports it gets, and what its members may see."""
    async with database.snapshot() as session:
        known = await read_definitions(session)
        found = known.board(board)
        reports = await read_reports(session, caller, known, found.code)
    book = role_book(settings.roles_file)
    answer = BoardOut.of(found, known.meetings[found.code], book, caller, clock.today())
    answer.reports = reports
    return Response(answer.model_dump_json(), media_type="application/json")
