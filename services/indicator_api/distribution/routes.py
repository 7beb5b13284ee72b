"""The distribution of an indicator over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic_core import to_json

from services.indicator_api.distribution.schemas import DistributionOut
from services.indicator_api.distribution.service import Question, answer
from services.indicator_api.series import asked
from services.indicator_api.series.known import Veil
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["distribution"], route_class=StrictRoute)
Codes = Annotated[str, Query(max_length=4_000)]
_AREA = "ONS codes or codes of units, repeated or separated by commas; the council's own area if none"
_AS_AT = "as the figures stood then: a time with its offset, or a date, which means the end of it"


@router.get("/indicators/{code}/distribution", response_model=DistributionOut)
async def read_distribution(
    code: Annotated[Code, Path()],
    caller: Annotated[Caller, may("indicator:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    area: Annotated[list[Codes], Query(max_length=200, description=_AREA)] = [],  # noqa: B006
    dimension: Annotated[
        Code | None, Query(description="of those that add up to the total; may be left out where there is one")
    ] = None,
    breakdown: Annotated[
        str, Query(max_length=100, description="of another dimension: the part that is distributed; empty for all")
    ] = "",
    first: Annotated[PeriodCode | None, Query(alias="from", description="the first period, of any kind")] = None,
    last: Annotated[PeriodCode | None, Query(alias="to", description="the last period, of any kind")] = None,
    as_at: Annotated[str | None, Query(max_length=40, description=_AS_AT)] = None,
) -> Response:
    """How a count or sum of money is made up, period by period: schools by Ofsted grade, requests by who asked.

    A small number of people is hidden from callers without the scope `indicator:figures`, and with it the next part
    that would give it away.
    """
    question = Question(
        indicator=code,
        areas=asked.area_codes(area),
        dimension=dimension,
        within=asked.breakdown(breakdown),
        window=asked.Window(first, last),
        as_at=asked.read_moment(as_at),
    )
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with database.snapshot() as session:
        found = await answer(session, caller, question, veil, clock.now())
    return Response(to_json(found), media_type="application/json")
