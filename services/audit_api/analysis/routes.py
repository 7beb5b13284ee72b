"""The analysis of a month, a quarter or a year of audits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.service import analyse
from services.audit_api.blindness import check_many
from services.audit_api.parameters import span_of
from services.audit_api.reach import units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.framework.store import check_codes
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.audit_summary import AuditAnalysis
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["analysis"], route_class=StrictRoute)


@router.get("/analysis", response_model=AuditAnalysis)
async def get_analysis(
    period: Annotated[PeriodCode, Query(description="the month, quarter or year the audits count for")],
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    tool: Annotated[Code | None, Query()] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
) -> Response:
    """Grades by domain, findings, themes, voices, levels, actions and strengths of the audits of a period."""
    first, last = span_of(period)
    async with database.snapshot() as session:
        if tool is not None:
            await check_codes(session, "tools", {"/query/tool": tool})
        units = await units_asked_for(session, caller, unit)
        chosen = Chosen(first, last, units, tool)
        await check_many(session, caller, *chosen.audits())
        answer = await analyse(session, period, unit, chosen, clock.now())
    return Response(answer.model_dump_json(), media_type="application/json")
