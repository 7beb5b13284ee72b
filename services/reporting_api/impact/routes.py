"""A team's impact summary over HTTP (R18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.reporting_api.impact.schemas import ImpactSummaryOut
from services.reporting_api.impact.service import summarise
from services.reporting_api.questions import read_subject
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clients.neighbour import Neighbour
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/teams", tags=["impact"], route_class=StrictRoute)


@router.get("/{unit}/impact-summary", response_model=ImpactSummaryOut)
async def get_impact_summary(
    request: Request,
    unit: Annotated[Code, Path(description="a team, or a service with its teams", examples=["fs_weymouth"])],
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[
        PeriodCode | None, Query(description="a month, quarter or year that has begun; the last whole quarter if none")
    ] = None,
) -> Response:
    """What the team's own figures, audits and feedback show, what partners brought, and what complaints, reviews and
    audits taught. Each service is asked with the caller's own token: nothing is told that it would not tell him."""
    neighbours: Mapping[str, Neighbour] = request.app.state.neighbours
    async with database.snapshot() as session:
        subject = await read_subject(session, caller, period, unit, clock.today())
    answer = await summarise(caller, neighbours, subject, clock.now())
    return Response(answer.model_dump_json(), media_type="application/json")
