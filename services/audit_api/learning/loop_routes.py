"""The rates of closure over HTTP: of the loop from audit to impact, and from learning to training."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.learning import loop
from services.audit_api.learning.schemas import LoopClosureOut, TrainingCoverageOut
from services.audit_api.parameters import span_of
from services.audit_api.reach import units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.resources import DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["learning"], route_class=StrictRoute)
_JSON = "application/json"
Reader = Annotated[Caller, may("audit:read")]
OfPeriod = Annotated[PeriodCode, Query(description="a month, quarter or year")]
OfUnit = Annotated[Code | None, Query(description="this unit and those below it")]


@router.get("/loop-closure", response_model=LoopClosureOut)
async def get_loop_closure(period: OfPeriod, caller: Reader, database: DatabaseOf, unit: OfUnit = None) -> Response:
    """Of the audits submitted for a period: closed with learning passed on and the impact of each action (R26)."""
    async with database.snapshot() as session:
        answer = await loop.loop_closure(session, caller, await _asked(session, caller, period, unit))
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/learning/training-coverage", response_model=TrainingCoverageOut)
async def get_training_coverage(
    period: OfPeriod, caller: Reader, database: DatabaseOf, unit: OfUnit = None
) -> Response:
    """Of the learning passed on in a period from case reviews and local audits: how much training includes (R58)."""
    async with database.snapshot() as session:
        answer = await loop.training_coverage(session, caller, await _asked(session, caller, period, unit))
    return Response(answer.model_dump_json(), media_type=_JSON)


async def _asked(session: AsyncSession, caller: Caller, period: str, unit: str | None) -> loop.Asked:
    first, last = span_of(period)
    units = None if unit is None else await units_asked_for(session, caller, unit)
    return loop.Asked(period, first, last, unit, units)
