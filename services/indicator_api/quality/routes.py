"""Data quality over HTTP: what is expected and what came, what the rules find, and a summary."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.indicator_api.checking.schemas import FindingOut
from services.indicator_api.checking.subject import RuleName
from services.indicator_api.days import first_day, last_complete_month, last_day
from services.indicator_api.quality import findings, loads, service
from services.indicator_api.quality.expectations import Expected, Status
from services.indicator_api.quality.findings import Search
from services.indicator_api.quality.ground import days_of
from services.indicator_api.quality.schemas import CompletenessOut, ExpectedOut, LoadsOut, SummaryOut
from services.indicator_api.quality.service import Question
from services.indicator_api.series import asked
from services.indicator_api.series.known import FIGURES_SCOPE, Veil
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/quality", tags=["quality"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
_AREA = "an ONS code or the code of a unit; the council's own area and its units if none"
_ENDS = "figures of every period that ends in this one; "
Area = Annotated[str | None, Query(max_length=80, description=_AREA)]
Indicators = Annotated[list[Code], Query(max_length=50, description="one or several")]


@router.get("/expected", response_model=Page[ExpectedOut])
async def list_expected_figures(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str, str)],
    period: Annotated[PeriodCode | None, Query(description=f"{_ENDS}the last complete month if none")] = None,
    source_system: Code | None = None,
    area: Area = None,
    indicator: Indicators = [],  # noqa: B006
    status: Annotated[list[Status], Query(max_length=5, description="only these, repeated")] = [],  # noqa: B006
) -> Response:
    """The figures expected by frequency and due lag, each with its due day, when it came and where it stands."""
    today = clock.today()
    chosen = Period.parse(period) if period else last_complete_month(today)
    question = Question(first_day(chosen), last_day(chosen), asked.one_area(area), source_system, indicator)
    async with database.snapshot() as session:
        rows = await service.read_expected(session, caller, question)
    rows = [one for one in rows if not status or one.status(today) in status]
    if at.after is not None:
        rows = [one for one in rows if service.key_of(one) > at.after]
    page, following = cut_page(rows[: at.fetch], at, service.key_of)
    body = Page[ExpectedOut](items=[_expected(one, today) for one in page], next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=link_header(request, following))


def _expected(one: Expected, today: date) -> ExpectedOut:
    definition, receipt = one.definition, one.receipt
    return ExpectedOut(
        indicator=definition.code,
        title=definition.title,
        source_system=definition.content["source_system"],
        owner_role=definition.content["owner_role"],
        area=one.place.code,
        area_name=one.place.name,
        period=one.period.code,
        due_on=one.due,
        status=one.status(today),
        received_at=receipt.at if receipt else None,
        days_late=one.days_late(today),
        unavailable=receipt.unavailable if receipt else False,
    )


@router.get("/completeness", response_model=CompletenessOut)
async def read_completeness(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    first: Annotated[PeriodCode | None, Query(alias="from", description="a year before `to` if none")] = None,
    last: Annotated[PeriodCode | None, Query(alias="to", description="the last complete month if none")] = None,
    source_system: Code | None = None,
    area: Area = None,
    indicator: Indicators = [],  # noqa: B006
) -> Response:
    """How complete and how timely the figures of each source system are, by period and by indicator within it.

    A figure counts as expected by the definition that held on the day it was due: later changes of the definition,
    or of a unit's life, do not move the shares of the past.
    """
    today = clock.today()
    begin, end = days_of(first, last, today)
    question = Question(begin, end, asked.one_area(area), source_system, indicator)
    async with database.snapshot() as session:
        sources = await service.completeness(session, caller, question, today)
    answer = CompletenessOut.model_validate({"from_": begin, "to": end, "as_at": today, "sources": sources})
    return Response(answer.model_dump_json(by_alias=True), media_type="application/json")


@router.get("/findings", response_model=Page[FindingOut])
async def list_quality_findings(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str, str, str, str, str)],
    period: Annotated[PeriodCode | None, Query(description=f"{_ENDS}the latest of each series if none")] = None,
    source_system: Code | None = None,
    area: Area = None,
    indicator: Indicators = [],  # noqa: B006
    rule: Annotated[list[RuleName], Query(max_length=20, description="only these, repeated")] = [],  # noqa: B006
) -> Response:
    """Figures that break a validation rule of their indicator: accepted as they came, but somebody should look.

    A figure that is hidden from the caller is not looked at, so nothing found tells of it.
    """
    search = Search(Period.parse(period) if period else None, asked.one_area(area), source_system, indicator, rule)
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        rows = await findings.find(session, caller, search, veil)
    if at.after is not None:
        rows = [one for one in rows if findings.key_of(one) > at.after]
    page, following = cut_page(rows[: at.fetch], at, findings.key_of)
    body = Page[FindingOut](items=[FindingOut.model_validate(one) for one in page], next=following).model_dump_json()
    return Response(body, media_type="application/json", headers=link_header(request, following))


@router.get("/summary", response_model=SummaryOut)
async def read_quality_summary(
    caller: Reader, database: DatabaseOf, clock: ClockOf, settings: SettingsOf, area: Area = None
) -> Response:
    """For a front page: what came of what the last twelve months expected, and what the rules find, by source."""
    today, place = clock.today(), asked.one_area(area)
    begin, end = days_of(None, None, today)
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        expected = await service.read_expected(session, caller, Question(begin, end, place))
        found = await findings.find(session, caller, Search(area=place), veil)
        sources = await service.summarised(session, expected, [one["source_system"] for one in found], today)
    answer: dict[str, Any] = {"from_": begin, "to": end, "as_at": today, "sources": sources}
    answer |= {"total": service.counted(expected, today), "findings": len(found)}
    body = SummaryOut.model_validate(answer).model_dump_json(by_alias=True)
    return Response(body, media_type="application/json")


@router.get("/loads", response_model=LoadsOut)
async def compare_stored_load(
    caller: Annotated[Caller, may(FIGURES_SCOPE)],
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode | None, Query(description=f"{_ENDS}the last complete month if none")] = None,
    source_system: Code | None = None,
) -> Response:
    """A stored load beside the period before: which places are missing or new, what moved most, which rules it breaks.

    The answer is that of `POST /v1/observations/comparisons`, for figures that are stored already.
    """
    chosen = Period.parse(period) if period else last_complete_month(clock.today())
    async with database.snapshot() as session:
        found = await loads.compare_stored(session, caller, chosen, source_system)
    return Response(LoadsOut.model_validate(found).model_dump_json(), media_type="application/json")
