"""The analysis of a month, a quarter or a year of audits, and each unit's own page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.agreeing import Least
from services.audit_api.analysis.breakdown import By
from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.service import Asked, analyse, before_of
from services.audit_api.blindness import check_many
from services.audit_api.parameters import span_of
from services.audit_api.reach import slots_reached, units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.framework.store import check_codes
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.audit_summary import AuditAnalysis
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodCode
from shared.settings import Settings
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["analysis"], route_class=StrictRoute)
ForPeriod = Annotated[PeriodCode, Query(description="the month, quarter or year the audits count for")]
OfTool = Annotated[Code | None, Query()]


@router.get("/analysis", response_model=AuditAnalysis)
async def get_analysis(
    period: ForPeriod,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    tool: OfTool = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
    by: Annotated[By | None, Query(description="the same side by side, in `breakdown`")] = None,
) -> Response:
    """Everything the audits of a period say, beside the period before: grades by domain, answers to each question,
    findings by theme, voices, levels, rounds, actions and the loop; by team, service, tool or theme if asked."""
    async with database.snapshot() as session:
        asked = await _asked(session, caller, settings, period, tool, unit, by)
        answer = await analyse(session, asked, clock.now())
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/units/{unit}/audit-page", response_model=AuditAnalysis)
async def get_audit_page(
    unit: Code,
    period: ForPeriod,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """One unit's own page: its audits of a period by tool, beside the period before (R32)."""
    async with database.snapshot() as session:
        asked = await _asked(session, caller, settings, period, None, unit, "tool")
        answer = await analyse(session, asked, clock.now())
    return Response(answer.model_dump_json(), media_type="application/json")


async def _asked(
    session: AsyncSession,
    caller: Caller,
    settings: Settings,
    period: str,
    tool: str | None,
    unit: str | None,
    by: By | None,
) -> Asked:
    first, last = span_of(period)
    if tool is not None:
        await check_codes(session, "tools", {"/query/tool": tool})
    units = await units_asked_for(session, caller, unit)
    chosen = Chosen(first, last, units, tool)
    least = Least(settings.agreement_least_pairs, settings.agreement_least_pairs_auditor)
    shown, true_numbers = await slots_reached(session, caller), caller.may("feedback:figures")
    asked = Asked(Period.parse(period), unit, chosen, shown, true_numbers, caller, least, by)
    earlier = before_of(asked)
    for audits in (chosen, *([earlier[1]] if earlier else [])):
        await check_many(session, caller, *audits.audits(), divided=by is not None)
    return asked
