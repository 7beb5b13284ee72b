"""A board's meetings over HTTP: the framework's plan, and what moved, was cancelled or added."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import WithJsonSchema
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.meeting_days import Meeting
from services.reporting_api.meetings import queries, service
from services.reporting_api.meetings.schemas import (
    ArrangementIn,
    ChangeReasonIn,
    MeetingChangeOut,
    MeetingIn,
    MeetingOut,
    MovedPaperOut,
    MoveIn,
    PaperOut,
)
from services.reporting_api.whole_council import check_whole_council
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.database import Database
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import Deed, once
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/boards/{board}/meetings", tags=["boards"], route_class=StrictRoute)
BoardName = Annotated[str, Path(min_length=1, max_length=200, description="its code, name or an alias")]
PlannedOn = Annotated[
    LocalDate,
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-02-11"]}),
    Path(description="the day it was first planned for"),
]
Writer = Annotated[Caller, may("reporting:clerk")]
Match = Annotated[IfMatch, if_match()]


@router.get("", response_model=Page[MeetingOut])
async def list_meetings(
    request: Request,
    board: BoardName,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    first: Annotated[LocalDate | None, Query(alias="from", description="on or after this day")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="on or before this day")] = None,
) -> Response:
    """The meetings of a board by the day they are on, cancelled ones too, each with the reports due for it."""
    after = cursor_key(at.after, date.fromisoformat, date.fromisoformat) if at.after else None
    async with database.snapshot() as session:
        known = await read_definitions(session)
        code = known.board(board).code
        rows = [
            one
            for one in known.meetings[code]
            if (first is None or one.meets_on >= first)
            and (last is None or one.meets_on <= last)
            and (after is None or (one.meets_on, one.planned_on) > after)
        ][: at.fetch]
        page, following = cut_page(rows, at, lambda one: (one.meets_on.isoformat(), one.planned_on.isoformat()))
        papers = await queries.read_papers(session, caller, known, code, [one.meets_on for one in page])
    today = clock.today()
    items = [MeetingOut.of(one, [] if one.cancelled else papers[one.meets_on], caller, today) for one in page]
    answer = Page[MeetingOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("", response_model=MeetingOut, status_code=201)
async def add_meeting(
    request: Request,
    board: BoardName,
    body: MeetingIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record a meeting that the framework does not plan; papers counted back from the next meeting follow."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    check_whole_council(caller)
    new = Meeting("", body.meets_on, body.meets_on, in_plan=False, starts_at=body.starts_at, place=body.place)
    async with once(request, database, caller) as deed:
        changed = await service.add_meeting(deed.session, caller, board, new, body.reason, clock.today())
        return await _answer(deed, caller, changed, clock.today(), status=201)


@router.get("/{planned_on}", response_model=MeetingOut)
async def get_meeting(
    board: BoardName,
    planned_on: PlannedOn,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """One meeting with the reports due for it and its history; a moved one is found by either day."""
    async with database.snapshot() as session:
        known = await read_definitions(session)
        one = service.find_meeting(known, board, planned_on)
        papers = await _papers(session, caller, known, one)
        changes = await queries.read_changes(session, one)
    answer = MeetingOut.of(one, papers, caller, clock.today())
    answer.changes = [MeetingChangeOut.model_validate(change) for change in changes]
    headers = {"ETag": version_etag(one.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.patch("/{planned_on}", response_model=MeetingOut)
async def arrange_meeting(
    board: BoardName,
    planned_on: PlannedOn,
    body: ArrangementIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Say when and where on its day a meeting is."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    check_whole_council(caller)
    today = clock.today()
    fields = {name: getattr(body, name) for name in body.model_fields_set & {"starts_at", "place"}}
    async with database.transaction() as session:
        _, was = await service.hold_meeting(session, board, planned_on, match, today)
        changed = await service.arrange_meeting(session, caller, was, fields, body.reason, today)
        answer = await _out(session, caller, changed, today)
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/{planned_on}/moves", response_model=MeetingOut, status_code=200)
async def move_meeting(
    request: Request,
    board: BoardName,
    planned_on: PlannedOn,
    body: MoveIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Move a meeting to another day; the papers that are not yet due move with it, and the answer says which."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    today = clock.today()

    async def step(session: AsyncSession, known: Definitions, was: Meeting) -> service.Changed:
        return await service.move_meeting(session, caller, known, was, body.to, body.reason, today)

    return await _do(request, database, caller, board, planned_on, match, today, step)


@router.post("/{planned_on}/cancellations", response_model=MeetingOut, status_code=200)
async def cancel_meeting(
    request: Request,
    board: BoardName,
    planned_on: PlannedOn,
    body: ChangeReasonIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Cancel a meeting; its papers go to the next that leaves the time, or keep their date where none is known."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    today = clock.today()

    async def step(session: AsyncSession, _: Definitions, was: Meeting) -> service.Changed:
        return await service.cancel_meeting(session, caller, was, body.reason, today)

    return await _do(request, database, caller, board, planned_on, match, today, step)


@router.post("/{planned_on}/reinstatements", response_model=MeetingOut, status_code=200)
async def reinstate_meeting(
    request: Request,
    board: BoardName,
    planned_on: PlannedOn,
    body: ChangeReasonIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Have a cancelled meeting after all, on the day it had."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    today = clock.today()

    async def step(session: AsyncSession, known: Definitions, was: Meeting) -> service.Changed:
        return await service.reinstate_meeting(session, caller, known, was, body.reason, today)

    return await _do(request, database, caller, board, planned_on, match, today, step)


async def _do(
    request: Request,
    database: Database,
    caller: Caller,
    board: str,
    planned_on: date,
    match: IfMatch,
    today: date,
    step: Callable[[AsyncSession, Definitions, Meeting], Awaitable[service.Changed]],
) -> Response:
    """Take a step with a meeting to come, once, and answer with the meeting and its papers as they stand then."""
    check_whole_council(caller)
    async with once(request, database, caller) as deed:
        known, was = await service.hold_meeting(deed.session, board, planned_on, match, today)
        return await _answer(deed, caller, await step(deed.session, known, was), today)


async def _papers(session: AsyncSession, caller: Caller, known: Definitions, one: Meeting) -> list[PaperOut]:
    if one.cancelled:
        return []
    return (await queries.read_papers(session, caller, known, one.board, [one.meets_on]))[one.meets_on]


async def _out(session: AsyncSession, caller: Caller, changed: service.Changed, today: date) -> MeetingOut:
    one, known, followed = changed.meeting, changed.known, changed.followed
    answer = MeetingOut.of(one, await _papers(session, caller, known, one), caller, today)
    answer.moved_papers = [MovedPaperOut.of(moved.occurrence, moved.becomes, known) for moved in followed.moved]
    answer.undated_papers = [MovedPaperOut.of(row, row.due_on, known) for row in followed.undated]
    return answer


async def _answer(deed: Deed, caller: Caller, changed: service.Changed, today: date, status: int = 200) -> Response:
    answer = await _out(deed.session, caller, changed, today)
    address = f"/v1/boards/{answer.board}/meetings/{answer.planned_on}"
    headers = {"Location": address, "ETag": version_etag(answer.version)}
    return deed.answer(answer, status, headers, ("meeting", f"{answer.board}:{answer.planned_on}"))
