"""The routes of the complaints report: reading it, its editions, and asking for the next."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.complaint_reports import producing, reading
from services.feedback_api.complaint_reports.periods import ReportPeriod
from services.feedback_api.complaint_reports.rendering import edition_of
from services.feedback_api.complaint_reports.schemas import ComplaintsReport, EditionIn, EditionOut
from services.feedback_api.parameters import CodeFilter
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Forbidden
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.periods import Period
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/complaints/reports", tags=["complaints reports"], route_class=StrictRoute)


@router.get("", response_model=ComplaintsReport)
async def get_complaints_report(
    caller: Annotated[Caller, may("feedback:figures")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: ReportPeriod,
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
    edition: Annotated[int | None, Query(ge=1, le=30_000, description="the newest where left out")] = None,
) -> Response:
    """The complaints report of a quarter or year as it was produced, naming by owner the learning still missing (R60).

    It is produced by itself on the day after the period ends. Its figures are true ones: beside what others are told of
    a quarter in the summary, at another day and by other lists, they would give small numbers away. Words and
    references are for those who handle complaints; all other readers have what was approved for boards.
    """
    span = Period.parse(period)
    async with database.transaction() as session:
        threshold, today = settings.small_number_threshold, clock.today()
        answer = await reading.read_report(session, caller, span, unit, edition, threshold, today)
        if answer.learning.learned is not None:
            await record_read(session, caller, "get_complaints_report", "complaint_report", span.code)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/editions", response_model=Page[EditionOut])
async def list_complaints_report_editions(
    request: Request,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
    period: Annotated[ReportPeriod | None, Query(description="only the editions of this one")] = None,
) -> Response:
    """Every edition there is: when it was produced, whether on time, and what superseded it."""
    async with database.snapshot() as session:
        rows = await reading.list_editions(session, period, at)
    page, following = cut_page(rows, at, lambda row: place_of(row[0], row[1].id))
    answer = Page[EditionOut](items=[row[2] for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post(
    "/editions",
    response_model=EditionOut,
    status_code=201,
    responses={200: {"model": EditionOut, "description": "Nothing has changed since the newest edition: it stays."}},
)
async def produce_complaints_report(
    request: Request,
    body: EditionIn,
    caller: Annotated[Caller, may("feedback:complaints")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Produce the next edition, with what was corrected, learned and added since; it supersedes the one before.

    Not with a token for one unit: the report is the whole council's.
    """
    if caller.unit is not None:
        raise Forbidden("The report is the whole council's: a token for one unit cannot produce it.")
    period = Period.parse(body.period)
    async with once(request, database, caller) as deed:
        report, new = await producing.produce(deed.session, caller, period, body.reason, clock.now())
        answer = EditionOut(**edition_of(report, report.edition))
        where = f"/v1/complaints/reports?period={period.code}&edition={report.edition}"
        return deed.answer(answer, 201 if new else 200, {"Location": where})
