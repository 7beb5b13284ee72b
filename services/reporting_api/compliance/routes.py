"""Compliance with the reporting schedule over HTTP (R70)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from services.reporting_api.compliance.schemas import ComplianceItem, ComplianceOut
from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.occurrences import Timeliness, outcome_of, read_timeliness
from services.reporting_api.words import period_words
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.board_report import PeriodRef
from shared.schemas.periods import Period, PeriodCode, TermDatesUnknown
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/compliance", tags=["compliance"], route_class=StrictRoute)


@router.get("", response_model=ComplianceOut)
async def get_compliance(
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode, Query(description="the due dates that are counted lie in it")],
    board: Annotated[str | None, Query(min_length=1, max_length=200, description="code, name or alias")] = None,
    calendar: Annotated[Code | None, Query(description="the calendar that a term's dates come from")] = None,
) -> Response:
    """How many reports fell due in the period, and how many came on time, late, not yet or not at all."""
    today = clock.today()
    async with database.snapshot() as session:
        known = await read_definitions(session)
        chosen = known.board(board).code if board else None
        span = _span(known, period, calendar)
        units = await visible_units(session, caller)
        found = await read_timeliness(
            session, span.start, span.end, today, boards=[chosen] if chosen else [], units=units
        )
    answer = _answer(known, span, chosen, found, today)
    return Response(answer.model_dump_json(), media_type="application/json")


def _span(known: Definitions, code: str, calendar: str | None) -> PeriodRef:
    terms = known.calendars[calendar].term_calendar() if calendar in known.calendars else {}
    try:
        start, end = Period.parse(code).dates(terms)
    except TermDatesUnknown:
        fault = Fault("/query/calendar", "calendar", "name the calendar whose terms are meant, one that has this one")
        raise Malformed("A term or half term needs a calendar.", errors=[fault]) from None
    return PeriodRef(code=code, label=period_words(code), start=start, end=end)


def _answer(known: Definitions, span: PeriodRef, board: str | None, found: Timeliness, today: date) -> ComplianceOut:
    on_time = found.count("on_time")
    return ComplianceOut(
        period=span, board=board, as_of=today, expected=found.expected, on_time=on_time,
        late=found.count("late"), open_late=found.count("open_late"), missed=found.count("missed"),
        on_time_percent=round(100 * on_time / found.expected, 1) if found.expected else None,
        items=[_item(known, row) for row in found.rows[:5000]],
    )  # fmt: skip


def _item(known: Definitions, row: Any) -> ComplianceItem:
    label = period_words(row.period)
    return ComplianceItem(
        occurrence=str(row.id), report=row.report, title=known.title(row.report), audiences=row.audiences,
        period=PeriodRef(code=row.period, label=label, start=row.period_start, end=row.period_end),
        owner_role=row.owner_role, unit=row.unit, due_on=row.due_on, published_on=row.published_on,
        outcome=outcome_of(row),
    )  # fmt: skip
