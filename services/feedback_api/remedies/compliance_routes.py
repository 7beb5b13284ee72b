"""The route of counts; it is registered before the single remedy, whose id it would be."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.feedback_api.remedies.compliance import ComplianceOut, count_compliance
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.problems import Fault, Malformed
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodCode, TermDatesUnknown, parse_period
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/remedies", tags=["remedies"], route_class=StrictRoute)


def _with_dates(code: str) -> Period:
    period = parse_period(code)
    try:
        period.dates()
    except TermDatesUnknown:
        fault = Fault("/query/period", "period", "give a month, quarter or year: terms have no dates in this service")
        raise Malformed("The period has no dates here; see errors.", errors=[fault]) from None
    return period


@router.get("/compliance", response_model=ComplianceOut)
async def get_remedy_compliance(
    caller: Annotated[Caller, may("feedback:figures")],
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year")],
    unit: Annotated[Code | None, Query(description="complaints about this unit and those below")] = None,
) -> Response:
    """How many remedies, recommendations and enquiries there were, and how many were kept in time; true figures."""
    span = _with_dates(period)
    async with database.snapshot() as session:
        answer = await count_compliance(session, caller, span, unit, clock.today())
    return Response(answer.model_dump_json(), media_type="application/json")
