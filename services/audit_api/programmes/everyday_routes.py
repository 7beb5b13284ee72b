"""What is asked every day: what falls due when, and which managers still owe their own audit."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.programmes.calendar import Window, entries
from services.audit_api.programmes.errors import SpanOfDays
from services.audit_api.programmes.schemas import CalendarEntryOut, ManagerOut
from services.audit_api.reach import units_asked_for
from services.audit_api.supervising import managers
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.problems import Fault
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code, LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["programmes"], route_class=StrictRoute)
Reader = Annotated[Caller, may("audit:read")]
Unit = Annotated[Code | None, Query(description="this unit and those below it")]
_JSON = "application/json"
_WINDOW, _LONGEST = timedelta(days=92), timedelta(days=400)


@router.get("/calendar", response_model=Page[CalendarEntryOut])
async def read_calendar(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    first: Annotated[LocalDate | None, Query(description="today where none is given")] = None,
    last: Annotated[LocalDate | None, Query(description="92 days after the first where none is given")] = None,
    unit: Unit = None,
) -> Response:
    """Rounds that begin and fall due, open audits and managers' own audits by their due dates, 400 days at most."""
    begins = first or clock.today()
    ends = last or begins + _WINDOW
    if not begins <= ends <= begins + _LONGEST:
        fault = Fault("/query/last", "span", "give a day from the first to 400 days after it")
        raise SpanOfDays("The days do not make a span.", errors=[fault])
    after = cursor_key(at.after, date.fromisoformat, str) if at.after else None
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        window = Window(begins, ends, units, None if after is None else (after[0], after[1]), at.fetch)
        rows = await entries(session, caller, window, clock.today())
    page, following = cut_page(rows, at, lambda one: (one.day.isoformat(), one.key))
    answer = Page[CalendarEntryOut](items=list(page), next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/supervision-audits", response_model=Page[ManagerOut])
async def list_supervision_audits(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    unit: Unit = None,
    overdue: Annotated[bool | None, Query(description="only those who are overdue, or only those who are not")] = None,
) -> Response:
    """Every manager who audits supervision regularly: last done, due, overdue; the longest overdue first, whole."""
    async with database.snapshot() as session:
        units = await units_asked_for(session, caller, unit)
        rows = await managers(session, caller, units, clock.today())
    shown = [ManagerOut(**asdict(one)) for one in rows if overdue is None or one.overdue == overdue]
    return Response(Page[ManagerOut](items=shown, next=None).model_dump_json(), media_type=_JSON)
