"""The route of counts; it is registered before the single remedy, whose id it would be."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.feedback_api.remedies.compliance import ComplianceOut, count_compliance
from services.feedback_api.spans import span_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/remedies", tags=["remedies"], route_class=StrictRoute)


@router.get("/compliance", response_model=ComplianceOut)
async def get_remedy_compliance(
    caller: Annotated[Caller, may("feedback:figures")],
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year")],
    unit: Annotated[Code | None, Query(description="complaints about this unit and those below")] = None,
) -> Response:
    """How many remedies, recommendations and enquiries there were, and how many were kept in time; true figures."""
    span = span_of(period)
    async with database.snapshot() as session:
        answer = await count_compliance(session, caller, span, unit, clock.today())
    return Response(answer.model_dump_json(), media_type="application/json")
