"""How far rounds have come, one or many at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.audit_api.programmes import coverage, queries
from services.audit_api.programmes.parameters import ForPeriod
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.audit_summary import CoverageOut
from shared.schemas.base import Code, OutModel
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["programmes"], route_class=StrictRoute)
Reader = Annotated[Caller, may("audit:read")]
_JSON = "application/json"


class CoverageSpanOut(OutModel):
    """The rounds of several periods; a month nobody made a round for stands among them as what was missed."""

    programme: str
    periods: list[CoverageOut]
    as_at: datetime


@router.get("/coverage", response_model=CoverageOut)
async def get_coverage(
    programme: Annotated[Code, Query()], period: ForPeriod, caller: Reader, database: DatabaseOf, clock: ClockOf
) -> Response:
    """How far one round has come; green only when every team that is not excused was done on time."""
    async with database.snapshot() as session:
        answer = await coverage.coverage(session, caller, programme, Period.parse(period), clock.now())
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/coverage/periods", response_model=CoverageSpanOut)
async def list_coverage(
    programme: Annotated[Code, Query()],
    first: Annotated[PeriodCode, Query(alias="from", description="the first period, as the programme runs")],
    last: Annotated[PeriodCode, Query(alias="to", description="the last period, of the same kind")],
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """How far each round of several periods has come, as a chart needs it; 60 periods at most."""
    now, span = clock.now(), (Period.parse(first), Period.parse(last))
    async with database.snapshot() as session:
        periods = await coverage.coverage_between(session, caller, programme, *span, now)
    answer = CoverageSpanOut(programme=programme, periods=periods, as_at=now)
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/rounds/{round_id}/coverage", response_model=CoverageOut)
async def get_round_coverage(round_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """How far this round has come, whether it is a period's own or was made as somebody decided."""
    async with database.snapshot() as session:
        found = await queries.read_round(session, caller, queries.rounds.c.id == round_id)
        if found is None:
            raise NotFound()
        answer = coverage.of_round(await coverage.Viewer.of(session, caller, clock.now()), found)
    return Response(answer.model_dump_json(), media_type=_JSON)
