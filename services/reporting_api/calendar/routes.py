"""The calendar of reports and meetings over HTTP: as JSON by period, and as an iCalendar feed."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.calendar.feed import feed_of
from services.reporting_api.calendar.pages import months_of
from services.reporting_api.calendar.queries import read_entries, waiting
from services.reporting_api.calendar.schemas import CalendarOut, Undated
from services.reporting_api.definitions import read_definitions
from services.reporting_api.words import period_words
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import not_modified
from shared.problems import Fault, Malformed
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.board_report import PeriodRef
from shared.schemas.periods import Period, PeriodCode, TermDatesUnknown
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["schedule"], route_class=StrictRoute)
BoardName = Annotated[str | None, Query(min_length=1, max_length=200, description="a board's code, name or alias")]
_BACK, _AHEAD = timedelta(days=92), timedelta(days=400)
_MEDIA = "text/calendar; charset=utf-8"
ICAL: dict[int | str, dict[str, Any]] = {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}}


@router.get("/calendar", response_model=CalendarOut)
async def get_calendar(
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode, Query(description="a month, quarter or year; its days are shown")],
    board: BoardName = None,
) -> Response:
    """What is due and which boards meet in a month or a year, day by day."""
    span = _span(period)
    async with database.snapshot() as session:
        known = await read_definitions(session)
        chosen = known.board(board).code if board else None
        found = await read_entries(session, caller, known, span.start, span.end, chosen)
    months = months_of(known, found, span.start, span.end)
    answer = CalendarOut(
        period=span, as_of=clock.today(), board=chosen, months=months, due=sum(one.due for one in months),
        meetings=sum(one.meetings for one in months),
        undated=[
            Undated(
                report=one.report, title=known.title(one.report), period=one.period, awaits=one.awaits,
                occurrence=found.awaiting.get((one.report, one.period)),
            )
            for one in waiting(known, span.start, span.end, chosen)
        ],
    )  # fmt: skip
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get(
    "/calendar.ics",
    response_class=Response,
    responses=ICAL,
)
async def get_calendar_feed(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    board: BoardName = None,
) -> Response:
    """The due dates and meetings of the last three months and the next thirteen, for a calendar program."""
    async with database.snapshot() as session:
        return await feed_answer(request, session, caller, board, clock.today())


async def feed_answer(
    request: Request, session: AsyncSession, caller: Caller, board: str | None, today: date
) -> Response:
    """The feed as this caller may see it; 304 where the program has it."""
    known = await read_definitions(session)
    chosen = known.board(board).code if board else None
    found = await read_entries(session, caller, known, today - _BACK, today + _AHEAD, chosen)
    body = feed_of(known, found, chosen, today)
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=_MEDIA, headers=headers)


def _span(code: str) -> PeriodRef:
    try:
        start, end = Period.parse(code).dates()
    except TermDatesUnknown:
        fault = Fault(
            "/query/period", "period", "give a month, a quarter or a year; a term has other dates per calendar"
        )
        raise Malformed("The period cannot be shown.", errors=[fault]) from None
    return PeriodRef(code=code, label=period_words(code), start=start, end=end)
