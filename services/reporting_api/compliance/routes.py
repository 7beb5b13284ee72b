"""Compliance with the reporting schedule over HTTP (R70)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.reporting_api.compliance.answers import compliance_out
from services.reporting_api.compliance.schemas import ComplianceOut, ComplianceTrend, ComplianceTrendPoint, TallyOut
from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.editions import sees_full
from services.reporting_api.owed import read_names
from services.reporting_api.punctuality import periods_up_to, read_punctuality
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
Reader = Annotated[Caller, may("reporting:read")]
PeriodOf = Annotated[PeriodCode, Query(description="the due dates that are counted lie in it")]
Board = Annotated[str | None, Query(min_length=1, max_length=200, description="code, name or alias")]
CalendarOf = Annotated[Code | None, Query(description="the calendar that a term's dates come from")]
OwnerRole = Annotated[Code | None, Query(description="the role that answers for the reports")]
OwnerUnit = Annotated[Code | None, Query(description="the unit that answers for the reports")]


@router.get("", response_model=ComplianceOut)
async def get_compliance(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    period: PeriodOf,
    board: Board = None,
    owner_role: OwnerRole = None,
    owner_unit: OwnerUnit = None,
    calendar: CalendarOf = None,
) -> Response:
    """How many reports and contributions fell due in the period, how many came on time, and why the others did not."""
    today = clock.today()
    async with database.snapshot() as session:
        known = await read_definitions(session)
        chosen = known.board(board).code if board else None
        span = _span(known, Period.parse(period), calendar)
        found = await read_punctuality(
            session, span.start, span.end, today, boards=[chosen] if chosen else [],
            units=await visible_units(session, caller), owner_role=owner_role, owner_unit=owner_unit,
        )  # fmt: skip
        names = await read_names(session)
    asked = {"period": span, "board": chosen, "owner_role": owner_role, "owner_unit": owner_unit}
    answer = compliance_out(known, names, asked, found, today, plain=sees_full(caller))
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/trend", response_model=ComplianceTrend)
async def get_compliance_trend(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode, Query(description="the last of the periods: a quarter, a month or a year")],
    periods: Annotated[int, Query(ge=1, le=24, description="how many, that one included")] = 8,
    board: Board = None,
    owner_role: OwnerRole = None,
    owner_unit: OwnerUnit = None,
    calendar: CalendarOf = None,
) -> Response:
    """The same counts over consecutive periods, so that a board sees whether timeliness gets better."""
    today = clock.today()
    async with database.snapshot() as session:
        known = await read_definitions(session)
        chosen = known.board(board).code if board else None
        spans = _spans(known, Period.parse(period), periods, calendar)
        whole = await read_punctuality(
            session, spans[0].start, spans[-1].end, today, boards=[chosen] if chosen else [],
            units=await visible_units(session, caller), owner_role=owner_role, owner_unit=owner_unit,
        )  # fmt: skip
    points = []
    for span in spans:
        part = whole.between(span.start, span.end)
        contributions = TallyOut.of(part.of_contributions)
        points.append(
            ComplianceTrendPoint(period=span, reports=TallyOut.of(part.of_reports), contributions=contributions)
        )
    answer = ComplianceTrend(
        board=chosen, owner_role=owner_role, owner_unit=owner_unit, as_of=today, points=points
    )  # fmt: skip
    return Response(answer.model_dump_json(), media_type="application/json")


def _spans(known: Definitions, last: Period, count: int, calendar: str | None) -> list[PeriodRef]:
    """The last period and those before it as far back as the calendar goes, oldest first."""
    found = [_span(known, last, calendar)]
    for period in reversed(periods_up_to(last, count)[:-1]):
        try:
            found.append(_span(known, period, calendar))
        except Malformed:
            break
    return found[::-1]


def _span(known: Definitions, period: Period, calendar: str | None) -> PeriodRef:
    terms = known.calendars[calendar].term_calendar() if calendar in known.calendars else {}
    try:
        start, end = period.dates(terms)
    except TermDatesUnknown:
        fault = Fault("/query/calendar", "calendar", "name the calendar whose terms are meant, one that has this one")
        raise Malformed("A term or half term needs a calendar.", errors=[fault]) from None
    return PeriodRef(code=period.code, label=period_words(period.code), start=start, end=end)
