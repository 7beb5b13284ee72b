"""The routes of coverage: methods by team, and what each quarter left out (R10, R13, R14)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.cases import reads_cases
from services.feedback_api.coverage import queries, service
from services.feedback_api.coverage.diversity import of_standing, team_methods, ways_used
from services.feedback_api.coverage.schemas import CoverageOut, DiversityOut, UnitsCoverageOut
from services.feedback_api.parameters import UnitFilter
from services.feedback_api.references import units_in_view
from services.feedback_api.spans import quarter_of, span_of
from services.feedback_api.voices import count_answers, count_views
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["coverage"], route_class=StrictRoute)
Quarter = Annotated[PeriodCode, Query(description="a financial quarter", examples=["FY2026-27-Q2"])]
Reader = Annotated[Caller, may("feedback:read")]


async def view_of(session: AsyncSession, caller: Caller, unit: str | None, settings: SettingsOf) -> service.View:
    """How far this caller sees of what was asked for; raises NotFound for another's unit."""
    units = await units_in_view(session, caller, unit)
    return service.View(unit, units, not reads_cases(caller), settings.small_number_threshold)


@router.get("/method-diversity", response_model=DiversityOut)
async def get_method_diversity(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year")],
    unit: UnitFilter = None,
) -> Response:
    """In how many different ways each team involved children and families: activities, and channels they used."""
    days = span_of(period)
    async with database.snapshot() as session:
        view = await view_of(session, caller, unit, settings)
        span = queries.Span(days.start, days.end, view.units)
        views = await count_views(session, days.start, days.end, view.units)
        answers = await count_answers(session, days.start, days.end, view.units)
        channels = await queries.read_entries(session, "channels", days.start, days.end)
        ways = ways_used([views, answers], channels, await queries.ways_of_activities(session, span))
        found = await queries.teams_of(session, span)
        methods = await queries.count_methods(session, span)
    teams = team_methods(found, ways, view.threshold, protected=view.protected)
    answer = DiversityOut(
        period=days.code, start=days.start, end=days.end, unit=unit, protected=view.protected, teams=teams,
        single=of_standing(teams, "single"), none=of_standing(teams, "none"),
        not_told=len(of_standing(teams, None)), methods=methods, as_at=clock.now(),
    )  # fmt: skip
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/coverage", response_model=CoverageOut)
async def get_feedback_coverage(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Quarter,
    unit: UnitFilter = None,
) -> Response:
    """What a quarter left out: silent channels, teams with one method or none, stages without anybody involved.

    Beside the quarter before, with who is asked to act. Of a part of the council the silence of a channel is told only
    to those who read its records.
    """
    quarter = quarter_of(period)
    async with database.snapshot() as session:
        view = await view_of(session, caller, unit, settings)
        answer = await service.read_coverage(session, quarter, view, clock.now())
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/coverage/units", response_model=UnitsCoverageOut)
async def list_coverage_by_unit(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Quarter,
    unit: UnitFilter = None,
) -> Response:
    """The same team by team: silent channels of children and families, methods, stages of commissioning."""
    days = quarter_of(period)
    async with database.snapshot() as session:
        view = await view_of(session, caller, unit, settings)
        quarter = await service.read_quarter(session, days, view)
    answer = UnitsCoverageOut(
        period=days.code, start=days.start, end=days.end, unit=unit, protected=view.protected,
        items=service.unit_rows(quarter, protected=view.protected), as_at=clock.now(),
    )  # fmt: skip
    return Response(answer.model_dump_json(), media_type="application/json")
