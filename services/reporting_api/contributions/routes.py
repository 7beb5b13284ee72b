"""Contributions over HTTP (R85): contributors read and send their own, who answers for the report asks and chases."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.reporting_api.contributions import queries, service
from services.reporting_api.contributions.schemas import (
    ChaseIn,
    ContributedIn,
    ContributionDetail,
    ContributionIn,
    ContributionOut,
    ContributionReasonIn,
)
from services.reporting_api.contributions.showing import Shower, show
from services.reporting_api.owed import Standing
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import Deed, once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/contributions", tags=["contributions"], route_class=StrictRoute)
Contributor = Annotated[Caller, may("reporting:contribute")]
Coordinator = Annotated[Caller, may("reporting:write")]
Match = Annotated[IfMatch, if_match()]


async def _answer(deed: Deed, caller: Caller, contribution: UUID, clock: Clock, status: int = 200) -> Response:
    found = await show(deed.session, caller, contribution, clock.today())
    headers = {"ETag": version_etag(found.version)}
    if status == 201:
        headers["Location"] = f"/v1/contributions/{contribution}"
    return deed.answer(found, status=status, headers=headers, subject=("contribution", str(contribution)))


@router.get("", response_model=Page[ContributionOut])
async def list_contributions(
    request: Request,
    caller: Contributor,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    occurrence: UUID | None = None,
    report: Annotated[Code | None, Query(description="a report's code")] = None,
    agency: Code | None = None,
    unit: Annotated[Code | None, Query(description="this unit's own contributions")] = None,
    period: Annotated[PeriodCode | None, Query(description="of the report")] = None,
    standing: Standing | None = None,
) -> Response:
    """What was asked for, by the day it is due: a contributor's own, or those to the reports the caller answers for."""
    filters = queries.Filters(occurrence, report, agency, unit, period, standing)
    async with database.snapshot() as session:
        rows = await queries.list_contributions(session, caller, filters, at, clock.today())
        shower = await Shower.read(session, caller, clock.today())
    page, following = cut_page(rows, at, lambda row: (row.due_on.isoformat(), str(row.id)))
    answer = Page[ContributionOut](items=[shower.row(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("", response_model=ContributionDetail, status_code=201)
async def ask_for_contribution(
    request: Request,
    body: ContributionIn,
    caller: Coordinator,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Ask one more unit or agency for its part of a report; those the framework names are asked by the clock."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        made = await service.ask_one_more(deed.session, caller, body, clock.today())
        return await _answer(deed, caller, made, clock, status=201)


@router.get("/{contribution}", response_model=ContributionDetail)
async def get_contribution(contribution: UUID, caller: Contributor, database: DatabaseOf, clock: ClockOf) -> Response:
    """One contribution with its dated trail and all that was sent."""
    async with database.snapshot() as session:
        found = await show(session, caller, contribution, clock.today())
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/{contribution}/submissions", response_model=ContributionDetail, status_code=200)
async def submit_contribution(
    request: Request,
    contribution: UUID,
    body: ContributedIn,
    caller: Contributor,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Send what was asked for; sent again before the report is published it takes the place of the last."""
    screen(body.texts(), settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.hold(deed.session, caller, contribution, match)
        await service.receive(deed.session, caller, row, body, clock.now(), clock.today())
        return await _answer(deed, caller, contribution, clock)


@router.post("/{contribution}/chases", response_model=ContributionDetail, status_code=200)
async def chase_contribution(
    request: Request,
    contribution: UUID,
    body: ChaseIn,
    caller: Coordinator,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Record that a person reminded the contributor, beside what the clock does by itself."""
    screen({"/words": body.words}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.hold_as_coordinator(deed.session, caller, contribution, match)
        await service.chase(deed.session, caller, row, body, clock.today())
        return await _answer(deed, caller, contribution, clock)


@router.post("/{contribution}/refusals", response_model=ContributionDetail, status_code=200)
async def refuse_contribution(
    request: Request,
    contribution: UUID,
    body: ContributionReasonIn,
    caller: Coordinator,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Send back what cannot be used; it is owed again, by the same day."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.hold_as_coordinator(deed.session, caller, contribution, match)
        await service.refuse(deed.session, caller, row, body.reason, clock.now(), clock.today())
        return await _answer(deed, caller, contribution, clock)


@router.post("/{contribution}/waivers", response_model=ContributionDetail, status_code=200)
async def waive_contribution(
    request: Request,
    contribution: UUID,
    body: ContributionReasonIn,
    caller: Coordinator,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """No longer ask for it, with the reason; possible until the day it is due."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.hold_as_coordinator(deed.session, caller, contribution, match)
        await service.waive(deed.session, caller, row, body.reason, clock.today())
        return await _answer(deed, caller, contribution, clock)
