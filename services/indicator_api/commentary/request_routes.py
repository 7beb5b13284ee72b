"""Requests for commentary over HTTP: asked for, listed and chased."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.indicator_api.commentary import requests
from services.indicator_api.commentary.requests import Search
from services.indicator_api.commentary.routes import Areas, wanted_of
from services.indicator_api.commentary.schemas import RequestIn, RequestOut, RequestStatus
from services.indicator_api.commentary.subjects import check_period, find_subject, read_key
from services.indicator_api.series.known import Veil
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import Fault, Malformed, NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/commentary/requests", tags=["commentary"], route_class=StrictRoute)
Asker = Annotated[Caller, may("indicator:write")]


@router.get("", response_model=Page[RequestOut])
async def list_commentary_requests(
    request: Request,
    caller: Annotated[Caller, may("indicator:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: Annotated[RequestStatus | None, Query(description="open: overdue ones too")] = None,
    owner_role: Annotated[Code | None, Query(description="whose comments are owed")] = None,
    period: Annotated[PeriodCode | None, Query(description="figures of every period that ends in this one")] = None,
    area: Areas = [],  # noqa: B006
    indicator: Annotated[list[Code], Query(max_length=50, description="one or several")] = [],  # noqa: B006
) -> Response:
    """Comments that are owed or were, the longest due first: asked for by people, and by definitions that ask for a
    comment on each new figure of the council's own area."""
    day, veil = clock.today(), Veil.for_caller(caller, settings.small_number_threshold)
    search = Search(wanted_of(indicator, area, period), owner_role, status)
    async with database.snapshot() as session:
        rows = await requests.read_all(session, caller, search, veil, day)
    if at.after is not None:
        rows = [one for one in rows if requests.order_of(one) > at.after]
    page, following = cut_page(rows[: at.fetch], at, requests.order_of)
    answer = Page[RequestOut](items=[RequestOut.model_validate(one) for one in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("", response_model=RequestOut, status_code=201, responses={200: {"model": RequestOut}})
async def request_commentary(
    request: Request,
    body: RequestIn,
    caller: Asker,
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Ask the owner of an indicator for a comment on one figure: 201; 200 where it was asked for just so already."""
    async with once(request, database, caller) as deed:
        try:
            subject = await find_subject(deed.session, caller, (body.indicator, body.area, body.period))
        except NotFound:
            fault = Fault("", "unknown_figure", "indicator and area must be ones this caller may record figures for")
            raise Malformed("There is no such figure to ask about; see errors.", errors=[fault]) from None
        check_period(subject, clock, "/period")
        if body.due_on < clock.today():
            fault = Fault("/due_on", "in_the_past", "give a day that is still to come")
            raise Malformed("The request cannot be met; see errors.", errors=[fault])
        screen({"/message": body.message}, "refuse")
        row, new = await requests.ask(deed.session, caller, subject, body.due_on, body.message, clock.now())
        (found,) = await requests.told(deed.session, caller, [row], clock.today())
        return deed.answer(RequestOut.model_validate(found), 201 if new else 200)


@router.post("/{key}/chase", response_model=RequestOut, status_code=200)
async def chase_commentary(
    request: Request,
    key: Annotated[str, Path(max_length=200, description="the key of a request")],
    caller: Asker,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record that the owner was reminded of an open request; how often and when last stands in the list."""
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    async with once(request, database, caller) as deed:
        subject = await find_subject(deed.session, caller, read_key(key))
        row = await requests.chase(deed.session, caller, subject, veil, clock)
        (found,) = await requests.told(deed.session, caller, [row], clock.today())
        return deed.answer(RequestOut.model_validate(found), 200)
