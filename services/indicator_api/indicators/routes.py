"""The data dictionary over HTTP: indicators, the information mix, areas."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.indicator_api.indicators import queries, service
from services.indicator_api.indicators.queries import Entry
from services.indicator_api.indicators.schemas import AreaOut, IndicatorOut, MixOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import as_seen
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import AreaCode, Code
from shared.schemas.figures import InformationType, ThemedArea
from shared.schemas.framework.areas import AreaKind
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["indicators"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]


def _entry(entry: Entry, caller: Caller) -> IndicatorOut:
    actions = ["record_figures"] if caller.may("indicator:write") and not entry.retired else []
    # The item was validated when it was applied; only its JSON form is wanted here.
    return IndicatorOut.model_construct(
        **entry.content,
        framework_version=entry.framework_version,
        applied_at=entry.applied_at,
        retired=entry.retired,
        allowed_actions=actions,
    )


@router.get("/indicators", response_model=Page[IndicatorOut])
async def list_indicators(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    themed_area: ThemedArea | None = None,
    information_type: InformationType | None = None,
    plan: Annotated[Code | None, Query(description="the code of a plan, such as core_data")] = None,
    focus_area: Code | None = None,
    source_system: Code | None = None,
) -> Response:
    """The data dictionary: every indicator in force, in order of code."""
    wanted = {
        "themed_area": themed_area,
        "information_type": information_type,
        "focus_area": focus_area,
        "source_system": source_system,
    }
    async with database.snapshot() as session:
        rows = await queries.list_indicators(session, at, wanted, plan)
    page, following = cut_page(rows, at, lambda row: (row.content["code"],))
    answer = Page[IndicatorOut].model_construct(items=[_entry(row, caller) for row in page], next=following)
    body = answer.model_dump_json(warnings=False)
    return Response(body, media_type="application/json", headers=link_header(request, following))


@router.get("/indicators/mix", response_model=MixOut)
async def get_information_mix(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    first: Annotated[PeriodCode | None, Query(alias="from", description="the first period; this month if none")] = None,
    last: Annotated[PeriodCode | None, Query(alias="to", description="the last; the current one if none")] = None,
) -> Response:
    """How many indicators are quantitative, qualitative and outcome, and whether outcome information grows (R02)."""
    periods = service.periods_between(first, last, clock.today())
    async with database.snapshot() as session:
        applied = await queries.read_applications(session)
    mix = service.information_mix(applied, periods, clock.today())
    return Response(mix.model_dump_json(), media_type="application/json")


@router.get("/indicators/{code}", response_model=IndicatorOut)
async def get_indicator(
    request: Request,
    code: Annotated[Code, Path()],
    caller: Reader,
    database: DatabaseOf,
    version: Annotated[int | None, Query(ge=1, le=9999, description="as it was defined in this version")] = None,
) -> Response:
    """One indicator's entry in the data dictionary; retired ones stay readable, for their figures do."""
    async with database.snapshot() as session:
        entry = await queries.find_indicator(session, code, version)
    if entry is None:
        raise NotFound()
    body = _entry(entry, caller).model_dump_json(warnings=False).encode()
    return as_seen(request, entry.framework_version, body)


@router.get("/areas", response_model=Page[AreaOut])
async def list_areas(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    kind: AreaKind | None = None,
    region: AreaCode | None = None,
) -> Response:
    """Countries, regions and local authorities by ONS code, former ones with their successors."""
    async with database.snapshot() as session:
        rows, successors = await queries.list_areas(session, at, kind, region)
    page, following = cut_page(rows, at, lambda row: (row.code,))
    items = [
        AreaOut(
            code=row.code, name=row.name, kind=row.kind, la_number=row.la_number, region=row.region,
            valid_from=row.valid_from, valid_to=row.valid_to, former_codes=row.former_codes,
            successors=successors.get(row.code, []),
        )
        for row in page
    ]  # fmt: skip
    answer = Page[AreaOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))
