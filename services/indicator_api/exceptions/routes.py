"""Exception reporting over HTTP (R50)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.indicator_api.days import first_day, last_day
from services.indicator_api.exceptions.rows import read_key
from services.indicator_api.exceptions.service import examine, last_complete_month
from services.indicator_api.series import asked
from services.indicator_api.series.known import Veil
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.exceptions import ExceptionOut, ExceptionsOut, Trigger
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/exceptions", tags=["exceptions"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
_PERIOD = "a month, quarter or year; the last complete month if none"
_AREA = "an ONS code or the code of a unit; the council's own area if none"
_AS_AT = "from the figures as they stood then: a time with its offset, or a date, which means the end of it"
AsAt = Annotated[str | None, Query(max_length=40, description=_AS_AT)]


def _day_before(period: Period) -> date:
    return first_day(period) - timedelta(days=1)


@router.get("", response_model=ExceptionsOut)
async def list_exceptions(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Annotated[PeriodCode | None, Query(description=_PERIOD)] = None,
    area: Annotated[str | None, Query(max_length=80, description=_AREA)] = None,
    trigger: Annotated[list[Trigger], Query(max_length=20, description="only these, repeated")] = [],  # noqa: B006
    as_at: AsAt = None,
) -> Response:
    """What changed significantly or stands out of step: each indicator's latest figure of a period that had ended.

    Bands and ranks never raise an exception. The same figures give the same rows with the same `inputs_hash`.
    """
    moment = asked.read_moment(as_at)
    code = asked.one_area(area)
    chosen = Period.parse(period) if period else last_complete_month(clock.today())
    day = min(last_day(chosen), clock.today())
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        found = await examine(session, caller, code, day, _day_before(chosen), veil, as_at=moment)
    answer = ExceptionsOut(
        period=chosen.code,
        area=found.place.code,
        as_at=moment or clock.now(),
        indicators_examined=found.indicators,
        items=[row for row in found.rows if not trigger or row.trigger in trigger],
    )
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/{key}", response_model=ExceptionOut)
async def read_exception(
    key: Annotated[str, Path(max_length=200, examples=["rereferrals.E06000059.RY2025.OUT_OF_STEP_NATIONAL"])],
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    as_at: AsAt = None,
) -> Response:
    """One exception by its key, computed again; `new` is told of the last complete month. 404 where it does not stand,
    or no longer does."""
    moment = asked.read_moment(as_at)
    named = read_key(key)
    if named is None:
        raise NotFound()
    indicator, area, period, trigger = named
    # What a figure shows is told at the end of its period; what is owed, as things stood when the last month ended.
    month = last_complete_month(clock.today())
    day = min(last_day(month if trigger == "DATA_LATE" else period), clock.today())
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        found = await examine(
            session, caller, area, day, _day_before(month), veil, indicators=[indicator], as_at=moment
        )
    for row in found.rows:
        if row.key == key:
            return Response(row.model_dump_json(), media_type="application/json")
    raise NotFound()
