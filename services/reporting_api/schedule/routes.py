"""The reporting schedule and its occurrences over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.reporting_api.definitions import read_definitions
from services.reporting_api.editions import sees_full
from services.reporting_api.occurrences import Status, read_lateness, readable
from services.reporting_api.schedule import queries, service
from services.reporting_api.schedule.schemas import (
    DueChangeOut,
    MaterialisationIn,
    MaterialisationOut,
    OccurrenceIn,
    OccurrenceOut,
    ScheduledReportOut,
    WithoutDates,
)
from services.reporting_api.whole_council import check_whole_council
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import as_seen, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code, LocalDate
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["schedule"], route_class=StrictRoute)
BoardName = Annotated[str, Query(min_length=1, max_length=200, description="a board's code, name or alias")]


@router.get("/schedule", response_model=Page[ScheduledReportOut])
async def list_schedule(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    board: BoardName | None = None,
) -> Response:
    """The reports of the schedule, in order of code, with the next due date of each."""
    async with database.snapshot() as session:
        known = await read_definitions(session)
        due = await queries.next_due_dates(session)
    reports = known.in_use()
    if board is not None:
        code = known.board(board).code
        reports = [one for one in reports if code in (*one.audiences, one.via)]
    rows = [one for one in reports if at.after is None or one.code > at.after[0]][: at.fetch]
    page, following = cut_page(rows, at, lambda one: (one.code,))
    answer = Page[ScheduledReportOut](
        items=[ScheduledReportOut.of(one, due.get(one.code)) for one in page], next=following
    )
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("/schedule/materialisations", response_model=MaterialisationOut, status_code=200)
async def materialise_schedule(
    request: Request,
    body: MaterialisationIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Make an occurrence of every report for every period that ends in the span; run again it changes nothing."""
    check_whole_council(caller)
    async with once(request, database, caller) as deed:
        done = await service.materialise_span(deed.session, caller, body.first, body.last, clock.today())
        missing = [WithoutDates(report=report, period=period) for report, period in done.without_dates]
        answer = MaterialisationOut(
            created=done.created, unchanged=done.unchanged, moved=done.moved, withdrawn=done.withdrawn,
            restored=done.restored, without_dates=missing,
        )  # fmt: skip
        return deed.answer(answer, status=200)


@router.get("/occurrences", response_model=Page[OccurrenceOut])
async def list_occurrences(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    report: Annotated[Code | None, Query(description="a report's code")] = None,
    board: BoardName | None = None,
    period: Annotated[PeriodCode | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    first: Annotated[LocalDate | None, Query(alias="from", description="due on or after this day")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="due on or before this day")] = None,
    awaiting_meeting: Annotated[bool | None, Query(description="not due yet, for no meeting is known, or not")] = None,
) -> Response:
    """Occurrences in order of their due date, those that await a meeting last."""
    async with database.snapshot() as session:
        known = await read_definitions(session)
        rows = await queries.select_occurrences(
            session, caller, report=report, board=known.board(board).code if board else None, period=period,
            status=status, first=first, last=last, awaiting_meeting=awaiting_meeting, after=at.after,
            fetch=at.fetch,
        )  # fmt: skip
        page, following = cut_page(rows, at, queries.place_of)
        newest = await queries.newest_reports(session, caller, [row.id for row in page])
        said = await read_lateness(session, [row.id for row in page])
    today = clock.today()
    items = [OccurrenceOut.of(row, known.title(row.report), newest.get(row.id), caller, today) for row in page]
    for row, item in zip(page, items, strict=True):
        item.lateness = readable(said.get(row.id, []), plain=sees_full(caller))
    answer = Page[OccurrenceOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("/occurrences", response_model=OccurrenceOut, status_code=201)
async def request_occurrence(
    request: Request,
    body: OccurrenceIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Ask for a report that comes only when asked: its clock starts on the next working day."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.ask_for_report(deed.session, caller, body, clock.today())
        known = await read_definitions(deed.session)
        answer = OccurrenceOut.of(row, known.title(row.report), None, caller, clock.today())
        headers = {"Location": f"/v1/occurrences/{row.id}", "ETag": version_etag(row.version)}
        return deed.answer(answer, headers=headers, subject=("occurrence", str(row.id)))


@router.get("/occurrences/{occurrence}", response_model=OccurrenceOut)
async def get_occurrence(
    request: Request,
    occurrence: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """One occurrence with the history of its due date."""
    async with database.snapshot() as session:
        row = await queries.select_occurrence(session, caller, occurrence)
        if row is None:
            raise NotFound()
        known = await read_definitions(session)
        newest = await queries.newest_reports(session, caller, [row.id])
        changes = await queries.select_due_changes(session, row.id)
        said = await read_lateness(session, [row.id])
    answer = OccurrenceOut.of(row, known.title(row.report), newest.get(row.id), caller, clock.today())
    answer.lateness = readable(said.get(row.id, []), plain=sees_full(caller))
    answer.due_changes = [DueChangeOut.model_validate(change) for change in changes]
    return as_seen(request, row.version, answer)
