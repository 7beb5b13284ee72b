"""Recommendations over HTTP: recording, re-dating, milestones, links to actions, and the end of each (R36)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.audit_api.reach import units_asked_for
from services.audit_api.scrutiny import carrying_out, queries
from services.audit_api.scrutiny.recommendation_schemas import (
    DateEdit,
    LinksIn,
    OutcomeIn,
    ReachedIn,
    RecommendationIn,
    RecommendationOut,
    RecommendationRow,
    Wanted,
)
from services.audit_api.scrutiny.rendering import recommendation_row
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.auth.roles import known_roles
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/scrutiny", tags=["scrutiny"], route_class=StrictRoute)
_JSON = "application/json"
Manager = Annotated[Caller, may("audit:manage")]
Writer = Annotated[Caller, may("audit:write")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]
Number = Annotated[int, Path(ge=1, le=30, description="the milestone's, counted from 1")]


def _answer(found: RecommendationOut) -> Response:
    return Response(found.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(found.version)})


@router.post("/reviews/{review_id}/recommendations", response_model=RecommendationOut, status_code=201)
async def add_recommendation(
    request: Request,
    review_id: UUID,
    body: RecommendationIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record what a review asks for, whose it is, by when, and the milestones on the way."""
    roles = known_roles(settings.roles_file)
    async with once(request, database, caller) as deed:
        made = await carrying_out.recommend(deed.session, caller, review_id, body, roles, clock.now())
        answer = await carrying_out.read_recommendation(deed.session, caller, made, clock.today())
        headers = {"Location": f"/v1/scrutiny/recommendations/{made}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("recommendation", str(made)))


@router.get("/recommendations", response_model=Page[RecommendationRow])
async def list_recommendations(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: Annotated[Wanted | None, Query(description="overdue is open past the first or present date")] = None,
    review: Annotated[UUID | None, Query(description="of one review")] = None,
    topic: Code | None = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
) -> Response:
    """Recommendations of all reviews, by their first dates."""
    today = clock.today()
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.list_recommendations(
            session, caller, at, today, status=status, review=review, topic=topic, units=units
        )
    page, following = cut_page(rows, at, lambda row: (row.original_due_on.isoformat(), str(row.id)))
    answer = Page[RecommendationRow](items=[recommendation_row(row, today) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/recommendations/{recommendation_id}", response_model=RecommendationOut)
async def get_recommendation(recommendation_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """One recommendation with its milestones, its actions and every change."""
    async with database.snapshot() as session:
        return _answer(await carrying_out.read_recommendation(session, caller, recommendation_id, clock.today()))


@router.put("/recommendations/{recommendation_id}/due-date", response_model=RecommendationOut)
async def redate_recommendation(
    recommendation_id: UUID,
    body: DateEdit,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Agree another date with a reason; the first one still counts."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with database.transaction() as session:
        await carrying_out.redate(session, caller, recommendation_id, None, body, match, clock.now())
        found = await carrying_out.read_recommendation(session, caller, recommendation_id, clock.today())
    return _answer(found)


@router.put("/recommendations/{recommendation_id}/milestones/{number}/due-date", response_model=RecommendationOut)
async def redate_milestone(
    recommendation_id: UUID,
    number: Number,
    body: DateEdit,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Agree another date for a milestone; it stays late by its first."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with database.transaction() as session:
        await carrying_out.redate(session, caller, recommendation_id, number, body, match, clock.now())
        found = await carrying_out.read_recommendation(session, caller, recommendation_id, clock.today())
    return _answer(found)


@router.put("/recommendations/{recommendation_id}/milestones/{number}/reached", response_model=RecommendationOut)
async def reach_milestone(
    recommendation_id: UUID,
    number: Number,
    body: ReachedIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Record the day on which a milestone was reached."""
    screen({"/note": body.note}, settings.free_text_identifiers)
    async with database.transaction() as session:
        await carrying_out.reach(session, caller, recommendation_id, number, body, match, clock.now())
        found = await carrying_out.read_recommendation(session, caller, recommendation_id, clock.today())
    return _answer(found)


@router.put("/recommendations/{recommendation_id}/actions", response_model=RecommendationOut)
async def link_actions(
    recommendation_id: UUID, body: LinksIn, caller: Writer, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Name the actions that carry it out, beside those named before."""
    async with database.transaction() as session:
        await carrying_out.link_actions(session, caller, recommendation_id, body, match, clock.now())
        found = await carrying_out.read_recommendation(session, caller, recommendation_id, clock.today())
    return _answer(found)


@router.post("/recommendations/{recommendation_id}/outcome", response_model=RecommendationOut, status_code=201)
async def end_recommendation(
    request: Request,
    recommendation_id: UUID,
    body: OutcomeIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """It was carried out, once each milestone is reached, or is declined with the reason."""
    screen({"/note": body.note}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await carrying_out.end(deed.session, caller, recommendation_id, body, match, clock.now())
        answer = await carrying_out.read_recommendation(deed.session, caller, recommendation_id, clock.today())
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("recommendation", str(recommendation_id)))
