"""The route of the participation statement (R11)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.feedback_api.coverage.routes import Reader, view_of
from services.feedback_api.coverage.statement import read_statement
from services.feedback_api.coverage.told_once import people_told
from services.feedback_api.parameters import UnitFilter
from services.feedback_api.spans import span_of
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.participation_statement import ParticipationRecord
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["coverage"], route_class=StrictRoute)


@router.get("/participation-statement", response_model=ParticipationRecord)
async def get_participation_statement(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year", examples=["FY2026-27-Q3"])],
    unit: UnitFilter = None,
) -> Response:
    """How children and families took part, from the records: methods, who, how many, what changed; or why none did.

    An activity counts for the day it ended. To callers without `feedback:figures` or a token for a unit, numbers of
    people are told of whole quarters and years of the whole council, each quarter from a month after its end (an hour
    into the day), as it stood as that day began (`told_as_at`), and only where none gives a small one away: once, and
    the same for good, a nought too. All else is of now. A quarter that nobody asked of before its records may leave
    is not told, nor one of a time before anything was recorded here.
    """
    days = span_of(period)
    async with database.snapshot() as session:
        view = await view_of(session, caller, unit, settings)
    now = clock.now()
    told = await people_told(database, days, view, now, read_only=settings.read_only)
    async with database.snapshot() as session:
        answer = await read_statement(session, days, view, told, now)
    return Response(answer.model_dump_json(), media_type="application/json")
