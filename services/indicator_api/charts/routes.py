"""Charts over HTTP: drawn by us, as SVG, as a page with its table, and the table alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.indicator_api.charts.formats import DRAWING_POLICY, PAGE_POLICY, as_csv, as_page
from services.indicator_api.charts.page import Chart
from services.indicator_api.charts.service import Asked, ChartKind, draw_chart
from services.indicator_api.series import asked
from services.indicator_api.series.known import Veil
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import not_modified
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodCode
from shared.settings import Settings
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/indicators", tags=["charts"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
Codes = Annotated[str, Query(max_length=4_000)]
_KIND = "`spc` for months and quarters and `trend` for years if none"
_AREA = (
    "ONS codes or codes of units, the first the one the chart is about; the council's own area if none. Several for a"
    " comparison or a funnel: what the first is set beside"
)
_COMPARATORS = (
    "codes of comparator sets, or `all_authorities`; those of the indicator that hold for the area and period if none"
)
_PERIOD = "for a comparison or a funnel; the latest that has ended and has a figure if none"
_AS_AT = "as the figures stood then: a time with its offset, or a date, which means the end of it"
Responses = dict[int | str, dict[str, Any]]
SVG: Responses = {200: {"content": {"image/svg+xml": {}}, "description": "the drawing"}}
HTML: Responses = {200: {"content": {"text/html": {}}, "description": "the drawing with its table"}}
CSV: Responses = {200: {"content": {"text/csv": {}}, "description": "the table"}}


@dataclass(frozen=True)
class _Tools:
    """What a chart needs of the application and the request."""

    request: Request
    database: Database
    clock: Clock
    settings: Settings


def _tools(request: Request, database: DatabaseOf, clock: ClockOf, settings: SettingsOf) -> _Tools:
    return _Tools(request, database, clock, settings)


def _asked(
    code: Annotated[Code, Path(examples=["rereferrals"])],
    kind: Annotated[ChartKind | None, Query(description=_KIND)] = None,
    area: Annotated[list[Codes], Query(max_length=200, description=_AREA)] = [],  # noqa: B006
    first: Annotated[PeriodCode | None, Query(alias="from", description="the first period of a course")] = None,
    last: Annotated[PeriodCode | None, Query(alias="to", description="the last period of a course")] = None,
    comparators: Annotated[list[Codes], Query(max_length=20, description=_COMPARATORS)] = [],  # noqa: B006
    period: Annotated[PeriodCode | None, Query(description=_PERIOD)] = None,
    breakdown: Annotated[str, Query(max_length=100, description="`dimension=value`; empty for the total")] = "",
    as_at: Annotated[str | None, Query(max_length=40, description=_AS_AT)] = None,
    width: Annotated[int, Query(ge=320, le=1_600, description="in units of text of 12; it scales to any size")] = 800,
) -> Asked:
    return Asked(
        code=code,
        kind=kind,
        areas=asked.area_codes(area),
        first=first,
        last=last,
        comparators=asked.comparator_codes(comparators),
        period=Period.parse(period) if period else None,
        breakdown=asked.breakdown(breakdown),
        as_at=asked.read_moment(as_at),
        width=width,
    )


Wanted = Annotated[Asked, Depends(_asked)]
Tools = Annotated[_Tools, Depends(_tools)]


@router.get("/{code}/chart.svg", response_class=Response, responses=SVG)
async def draw_chart_as_svg(caller: Reader, wanted: Wanted, tools: Tools) -> Response:
    """A control chart, funnel, comparison or trend as SVG that scales, prints in grey and says in words what it shows.

    Drawn from the very answer of the series: what is hidden from the caller there is hidden here.
    """
    chart = await _drawn(caller, wanted, tools)
    return _answer(tools.request, chart.svg, "image/svg+xml", DRAWING_POLICY)


@router.get("/{code}/chart.html", response_class=Response, responses=HTML)
async def draw_chart_as_page(caller: Reader, wanted: Wanted, tools: Tools) -> Response:
    """The same chart on a page with its figures in a table, for screen readers, for print and to be sent on."""
    chart = await _drawn(caller, wanted, tools)
    return _answer(tools.request, as_page(chart).encode(), "text/html; charset=utf-8", PAGE_POLICY)


@router.get("/{code}/chart.csv", response_class=Response, responses=CSV)
async def draw_chart_as_csv(caller: Reader, wanted: Wanted, tools: Tools) -> Response:
    """The table of the same chart, its figures as a reader sees them (the series has them as numbers); the last column
    is the period's code."""
    chart = await _drawn(caller, wanted, tools)
    return _answer(tools.request, as_csv(chart).encode(), "text/csv; charset=utf-8", DRAWING_POLICY)


async def _drawn(caller: Caller, wanted: Asked, tools: _Tools) -> Chart:
    veil = Veil.for_caller(caller, tools.settings.small_number_threshold)
    async with tools.database.snapshot() as session:
        return await draw_chart(session, caller, wanted, veil, tools.clock.now())


def _answer(request: Request, body: bytes, media_type: str, policy: str) -> Response:
    """Kept by the caller alone and asked about again each time: what it may see can change."""
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers={**headers, "Content-Security-Policy": policy})
