"""The series of an indicator over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from services.indicator_api.series import asked
from services.indicator_api.series.known import Veil
from services.indicator_api.series.pack import PackQuestion, write_pack
from services.indicator_api.series.service import Question, answer
from services.indicator_api.series.written import writer
from services.indicator_api.series.written_pack import write_known_pack
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import not_modified
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.schemas.series import IndicatorSeries, SeriesPack
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["series"], route_class=StrictRoute)
_AREA = "ONS codes or codes of units, repeated or separated by commas; the council's own area if none"
_COMPARATORS = "codes of comparator sets, or `all_authorities`, repeated or separated by commas"
_AS_AT = "as the figures stood then: a time with its offset, or a date, which means the end of it"
_FROM = "the first period, of any kind; limits rest on the points asked for"
_CONTINUED = "with the earlier figures of a unit that was only renamed, the break between them still told"
_INDICATORS = "codes of indicators, repeated or separated by commas; a code that none has is listed as `unknown`"
_NEWEST = "so many of the newest points of each area; limits and signals rest on all of them"
_MARKED = "tell whoever sees true figures, in `hidden`, which of them others are not shown"
Codes = Annotated[str, Query(max_length=4_000)]


@router.get("/indicators/{code}/series", response_model=IndicatorSeries)
async def read_series(
    request: Request,
    code: Annotated[Code, Path()],
    caller: Annotated[Caller, may("indicator:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    area: Annotated[list[Codes], Query(max_length=200, description=_AREA)] = [],  # noqa: B006
    first: Annotated[PeriodCode | None, Query(alias="from", description=_FROM)] = None,
    last: Annotated[PeriodCode | None, Query(alias="to", description="the last period, of any kind")] = None,
    comparators: Annotated[list[Codes], Query(max_length=20, description=_COMPARATORS)] = [],  # noqa: B006
    breakdown: Annotated[
        str, Query(max_length=100, description="`dimension=value`; empty for the total", examples=["phase=primary"])
    ] = "",
    as_at: Annotated[str | None, Query(max_length=40, description=_AS_AT)] = None,
    continued: Annotated[bool, Query(description=_CONTINUED)] = False,
) -> Response:
    """Figures with intervals, control limits, breaks, targets and comparators of one or many areas.

    A figure that names a small number of people and that nobody has published is hidden from callers without
    the scope `indicator:figures`, and everything else is computed from what is left.
    """
    question = Question(
        indicator=code,
        areas=asked.area_codes(area),
        window=asked.Window(first, last),
        comparators=asked.comparator_codes(comparators),
        breakdown=asked.breakdown(breakdown),
        as_at=asked.read_moment(as_at),
        continued=continued,
    )
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    written = await writer(request).write(database, caller, question, clock.now()) if veil.lifted else None
    if written is None:
        async with database.snapshot() as session:
            written = to_json(await answer(session, caller, question, veil, clock.now()))
    return Response(written, media_type="application/json")


@router.get("/series", response_model=SeriesPack)
async def list_series(
    request: Request,
    caller: Annotated[Caller, may("indicator:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    indicator: Annotated[list[Codes], Query(min_length=1, max_length=100, description=_INDICATORS)],
    area: Annotated[list[Codes], Query(max_length=200, description=_AREA)] = [],  # noqa: B006
    first: Annotated[PeriodCode | None, Query(alias="from", description=_FROM)] = None,
    last: Annotated[PeriodCode | None, Query(alias="to", description="the last period, of any kind")] = None,
    newest: Annotated[int | None, Query(ge=1, le=120, description=_NEWEST)] = None,
    as_at: Annotated[str | None, Query(max_length=40, description=_AS_AT)] = None,
    marked: Annotated[bool, Query(description=_MARKED)] = False,
) -> Response:
    """The series of many indicators at once, without comparators: for a board pack or a wall of charts.

    Small numbers are hidden as in the series of one indicator. The ETag stays while nothing but `as_at` would differ.
    """
    question = PackQuestion(
        indicators=asked.indicator_codes(indicator),
        areas=asked.area_codes(area),
        window=asked.Window(first, last),
        newest=newest,
        as_at=asked.read_moment(as_at),
        marked=marked,
    )
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    written = None
    if veil.lifted:
        written = await write_known_pack(writer(request), database, caller, question, veil.threshold, clock.now())
    if written is None:
        async with database.snapshot() as session:
            written = await write_pack(session, caller, question, veil, clock.now())
    headers = {"ETag": written.etag}
    if not_modified(request, written.etag):
        return Response(status_code=304, headers=headers)
    return Response(written.body, media_type="application/json", headers=headers)
