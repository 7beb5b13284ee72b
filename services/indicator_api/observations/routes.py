"""Figures over HTTP: record one, read them as they stand or stood, and everything one ever was."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import read_definitions
from services.indicator_api.observations import queries, service
from services.indicator_api.observations.page import Wanted, fetch_written, key_of, list_figures
from services.indicator_api.observations.queries import Figure
from services.indicator_api.observations.rendering import join_page, render_page, render_recorded
from services.indicator_api.observations.rows.rulebook import rulebook
from services.indicator_api.observations.schemas import (
    Breakdown,
    ObservationIn,
    ObservationOut,
    PastObservationOut,
    PlaceCode,
    Reason,
    RecordedObservationOut,
)
from services.indicator_api.series.known import FIGURES_SCOPE
from services.indicator_api.small_numbers.rows import protected
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code, Moment
from shared.schemas.periods import PeriodCode
from shared.settings import Settings
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/observations", tags=["observations"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]


async def _shown(session: AsyncSession, caller: Caller, settings: Settings, figures: list[Figure]) -> list[Figure]:
    """The figures as this caller may see them."""
    if caller.may(FIGURES_SCOPE):
        return figures
    return await protected(session, figures, settings.small_number_threshold)


async def _may_know_the_past(session: AsyncSession, caller: Caller, indicator: str, area: str) -> bool:
    """What a figure was before would tell what is hidden of it, or of those beside it."""
    if caller.may(FIGURES_SCOPE):
        return True
    definition = (await read_definitions(session, [indicator], retired=True)).get(indicator)
    return definition is None or not definition.protects(area)


@router.post(
    "", response_model=RecordedObservationOut, status_code=201, responses={200: {"model": RecordedObservationOut}}
)
async def record_observation(
    request: Request,
    body: ObservationIn,
    caller: Annotated[Caller, may("indicator:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    provisional: Annotated[bool, Query(description="the figure is provisional")] = False,
    reason: Reason = None,
) -> Response:
    """Record one figure: 201 where it is new, 200 where its key had one; the value before is kept in its history."""
    async with once(request, database, caller) as deed:
        checker = await rulebook(request).checker(deed.session, caller)
        checked, created, warnings = await service.record_one(
            deed.session, caller, checker, body.model_dump(), provisional, clock.now(), reason
        )
        figure = await queries.find_figure(deed.session, checked[1:5])
        shown = (await _shown(deed.session, caller, settings, [figure]))[0]
        return deed.answer(render_recorded(shown, warnings).encode(), 201 if created else 200)


@router.get("", response_model=Page[ObservationOut])
async def list_observations(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str, str, str, str)],
    indicator: Annotated[list[Code], Query(max_length=50, description="one or several")] = [],  # noqa: B006
    area: Annotated[list[PlaceCode], Query(max_length=200, description="ONS codes or units, one or several")] = [],  # noqa: B006
    period: PeriodCode | None = None,
    first: Annotated[PeriodCode | None, Query(alias="from", description="the first period")] = None,
    last: Annotated[PeriodCode | None, Query(alias="to", description="the last period, of the same kind")] = None,
    breakdown: Annotated[Breakdown | None, Query(description="empty for totals only; all where not given")] = None,
    as_at: Annotated[Moment | None, Query(description="as the figures stood at this moment")] = None,
) -> Response:
    """Figures in order of indicator, area, period and breakdown, as they stand or stood at a moment."""
    wanted = Wanted(indicator, area, period, first, last, breakdown, as_at)
    if caller.may("indicator:figures"):
        written, following = cut_page(await fetch_written(database, caller, wanted, at), at, key_of)
        body = join_page([row["written"] for row in written], following)
    else:
        async with database.snapshot() as session:
            page, following = cut_page(await list_figures(session, caller, wanted, at), at, key_of)
            body = render_page(await _shown(session, caller, settings, list(page)), following)
    return Response(body, media_type="application/json", headers=link_header(request, following))


@router.get("/history", response_model=Page[PastObservationOut])
async def list_observation_history(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(int)],
    indicator: Code,
    area: PlaceCode,
    period: PeriodCode,
    breakdown: Annotated[Breakdown, Query(description="empty for the total")] = "",
) -> Response:
    """Everything one figure ever was, the latest first, with who recorded it by which import; of a figure whose small
    numbers are hidden from the caller, only what it is now."""
    async with database.snapshot() as session:
        past = await _may_know_the_past(session, caller, indicator, area)
        rows = await queries.list_history(session, caller, (indicator, area, period, breakdown), at, past=past)
        page, following = cut_page(rows, at, lambda row: (row["revision"],))
        shown = await _shown(session, caller, settings, list(page))
    body = render_page(shown, following, past=True)
    return Response(body, media_type="application/json", headers=link_header(request, following))
