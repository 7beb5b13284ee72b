"""Triangulation over HTTP (R08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.reporting_api.questions import read_subject
from services.reporting_api.triangulation.schemas import ThemesOverviewOut, TriangulationOut
from services.reporting_api.triangulation.service import oversee, triangulate
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clients.neighbour import Neighbour
from shared.framework.store import check_codes, read_items
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/triangulation", tags=["triangulation"], route_class=StrictRoute)
Reader = Annotated[Caller, may("reporting:read")]
ForPeriod = Annotated[
    PeriodCode | None, Query(description="a month, quarter or year that has begun; the last whole quarter if none")
]
OfUnit = Annotated[Code | None, Query(description="this unit and those below it; the caller's own if none")]
_JSON = "application/json"


@router.get("", response_model=TriangulationOut)
async def get_triangulation(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    theme: Annotated[Code, Query(description="a theme of the framework", examples=["supervision"])],
    period: ForPeriod = None,
    unit: OfUnit = None,
) -> Response:
    """What numbers, audits, families, staff, complaints and partners say of one theme, where they agree and disagree,
    and what was done. Each service is asked with the caller's own token: nothing is told that it would not tell him."""
    neighbours: Mapping[str, Neighbour] = request.app.state.neighbours
    async with database.snapshot() as session:
        subject = await read_subject(session, caller, period, unit, clock.today())
        await check_codes(session, "themes", {"/query/theme": theme})
        themes = await read_items(session, "themes")
    chosen = next(one for one in themes if one["code"] == theme)
    narrower = [one["code"] for one in themes if one.get("parent") == theme]
    answer = await triangulate(caller, neighbours, subject, chosen, narrower, clock.now())
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/themes", response_model=ThemesOverviewOut)
async def list_triangulated_themes(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    period: ForPeriod = None,
    unit: OfUnit = None,
) -> Response:
    """Every theme at a glance: who speaks of a strength, who of a concern, and where they disagree."""
    neighbours: Mapping[str, Neighbour] = request.app.state.neighbours
    async with database.snapshot() as session:
        subject = await read_subject(session, caller, period, unit, clock.today())
        themes = await read_items(session, "themes")
    answer = await oversee(caller, neighbours, subject, themes, clock.now())
    return Response(answer.model_dump_json(), media_type=_JSON)
