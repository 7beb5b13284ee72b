"""Areas of focus over HTTP: what Heads of Service ask a board to look at (R49)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.indicator_api.days import last_complete_month
from services.indicator_api.focus import service
from services.indicator_api.focus.schemas import FocusEdit, FocusListOut, FocusOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import Precondition, precondition, version_etag
from shared.free_text import screen
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/focus", tags=["focus"], route_class=StrictRoute)
_PERIOD = (
    "the last complete month if none; a list of an earlier period of this kind stands until it is renewed, so a focus"
    " named for a quarter or year is asked for by one"
)


@router.put("/{unit}/{period}", response_model=FocusOut, responses={201: {"model": FocusOut}})
async def name_focus(
    unit: Annotated[Code, Path(examples=["children_who_are_disabled"])],
    period: PeriodCode,
    body: FocusEdit,
    caller: Annotated[Caller, may("indicator:comment")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[Precondition, precondition()],
) -> Response:
    """Name what a board is to look at in a period: 201 for the first list, 200 (with If-Match) for a later one."""
    screen({f"/items/{at}/why": one.why for at, one in enumerate(body.items)}, settings.free_text_identifiers)
    async with database.transaction() as session:
        version, first = await service.name_focus(session, caller, unit, period, body, match, clock.now())
        (answer,) = await service.lists_in_force(session, caller, Period.parse(period), unit)
    headers = {"ETag": version_etag(version)}
    return Response(answer.model_dump_json(), 201 if first else 200, headers, "application/json")


@router.get("", response_model=FocusListOut)
async def list_focus(
    caller: Annotated[Caller, may("indicator:read")],
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode | None, Query(description=_PERIOD)] = None,
) -> Response:
    """The lists that hold for a period, and the indicators they come down to."""
    chosen = Period.parse(period) if period else last_complete_month(clock.today())
    async with database.snapshot() as session:
        lists = await service.lists_in_force(session, caller, chosen)
    answer = FocusListOut(period=chosen.code, lists=lists, indicators=service.indicators_of(lists))
    return Response(answer.model_dump_json(), media_type="application/json")
