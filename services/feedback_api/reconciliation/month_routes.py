"""The routes of the monthly reconciliation with the complaints system."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.feedback_api.reconciliation import months, standing
from services.feedback_api.reconciliation.month_schemas import (
    DifferenceRow,
    ManifestIn,
    Month,
    MonthReconciled,
    MonthStanding,
    ResolutionIn,
)
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import once
from shared.paging import Page
from shared.problems import Fault, Forbidden, Malformed
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.periods import Period, PeriodKind
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/reconciliation/months", tags=["reconciliation"], route_class=StrictRoute)
Manager = Annotated[Caller, may("feedback:complaints")]
InPath = Annotated[Month, Path(description="a month, by the day of receipt", examples=["2026-10"])]
_MOST_MONTHS = 120


def _whole_council(caller: Caller) -> None:
    if caller.unit is not None:
        raise Forbidden("The complaints system holds the whole council's: a token for one unit cannot compare a month.")


@router.get("", response_model=Page[MonthStanding])
async def list_reconciled_months(
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    first: Annotated[Month | None, Query(alias="from", description="eleven months before `to` where left out")] = None,
    last: Annotated[Month | None, Query(alias="to", description="this month where left out")] = None,
) -> Response:
    """How each month stands, whole, the latest first; one not compared by the tenth working day after it is overdue."""
    _whole_council(caller)
    ends = Period.parse(last) if last else Period.containing(PeriodKind.month, clock.today())
    begins = Period.parse(first) if first else Period(PeriodKind.month, *_months_before(ends, 11))
    span = (ends.year - begins.year) * 12 + ends.part - begins.part + 1
    if not 1 <= span <= _MOST_MONTHS:
        fault = Fault("/query/to", "span", "give a month from `from` on, at most ten years later")
        raise Malformed("The span cannot be; see errors.", errors=[fault])
    async with database.snapshot() as session:
        items = await standing.list_months(session, caller, begins, ends, clock.today())
    return Response(Page[MonthStanding](items=items, next=None).model_dump_json(), media_type="application/json")


def _months_before(month: Period, number: int) -> tuple[int, int]:
    place = month.year * 12 + month.part - 1 - number
    return place // 12, place % 12 + 1


@router.get("/{month}", response_model=MonthReconciled)
async def get_reconciled_month(month: InPath, caller: Manager, database: DatabaseOf, clock: ClockOf) -> Response:
    """One month with every comparison made of it, and each reference on which the two sides differed."""
    _whole_council(caller)
    async with database.snapshot() as session:
        answer = await standing.read_month(session, caller, Period.parse(month), clock.today())
    return Response(answer.model_dump_json(), media_type="application/json")


@router.post(
    "/{month}/manifests",
    response_model=MonthReconciled,
    status_code=201,
    responses={200: {"model": MonthReconciled, "description": "The same list found the same: no new run is kept."}},
)
async def post_manifest(
    request: Request, month: InPath, body: ManifestIn, caller: Manager, database: DatabaseOf, clock: ClockOf
) -> Response:
    """Compare a month with what the complaints system holds: its counts and every reference. The run is kept."""
    _whole_council(caller)
    period = Period.parse(month)
    async with once(request, database, caller) as deed:
        new = await months.reconcile(deed.session, caller, period, body, clock.now())
        answer = await standing.read_month(deed.session, caller, period, clock.today())
        headers = {"Location": f"/v1/reconciliation/months/{month}"}
        return deed.answer(answer, 201 if new else 200, headers, ("reconciled_month", period.code))


@router.post("/{month}/resolutions", response_model=DifferenceRow, status_code=201)
async def resolve_difference(
    request: Request, month: InPath, body: ResolutionIn, caller: Manager, database: DatabaseOf, clock: ClockOf
) -> Response:
    """Say why a difference is in order; it stays on the record and later runs no longer count it as open."""
    _whole_council(caller)
    period = Period.parse(month)
    async with once(request, database, caller) as deed:
        found = await months.resolve(deed.session, caller, period, body, clock.now())
        here = await months.held_here(deed.session, [found])
        newest = await months.newest_run(deed.session, period.code)
        answer = standing.difference_row(found, newest.run if newest else 0, bool(here))
        return deed.answer(answer, 201, subject=("reconciled_month", period.code))
