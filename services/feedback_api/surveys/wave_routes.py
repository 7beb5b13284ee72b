"""The routes of waves: plan, read, change, extend and close them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.feedback_api.parameters import CodeFilter
from services.feedback_api.surveys import wave_queries, wave_service
from services.feedback_api.surveys.wave_schemas import Status, WaveEdit, WaveIn, WaveOut, WaveRow
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/survey-waves", tags=["surveys"], route_class=StrictRoute)


def headers_of(row: Mapping[str, Any]) -> dict[str, str]:
    return {"ETag": version_etag(row["version"]), "Location": f"/v1/survey-waves/{row['id']}"}


@router.post("", response_model=WaveOut, status_code=201)
async def plan_survey_wave(
    request: Request,
    body: WaveIn,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Plan a wave: which questionnaire, which groups of which unit, from when to when, and how many could answer.

    A later part of a course evaluation names the wave it `follows`; it keeps that one's version, course and agency.
    """
    async with once(request, database, caller) as deed:
        row = await wave_service.plan_wave(deed.session, caller, body, clock.now())
        numbers = await wave_queries.read_populations(deed.session, row["id"])
        answer = WaveOut.of(row, numbers, clock.today(), caller, own=True)
        return deed.answer(answer, 201, headers_of(row), subject=("survey_wave", str(row["id"])))


@router.get("", response_model=Page[WaveRow])
async def list_survey_waves(
    request: Request,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    survey: CodeFilter = None,
    unit: Annotated[CodeFilter, Field(description="this unit and those below")] = None,
    status: Annotated[Status | None, Query(description="as it stands today")] = None,
    first: Annotated[LocalDate | None, Query(alias="from", description="closing on or after")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="opening on or before")] = None,
) -> Response:
    """The waves of the caller's units, and of those above that include them; the last to open first."""
    filters = wave_queries.Filters(survey, unit, status, first, last)
    async with database.snapshot() as session:
        rows = await wave_queries.list_waves(session, caller, filters, clock.today(), at)
    page, following = cut_page(rows, at, lambda row: place_of(row["opens_on"], row["id"]))
    answer = Page[WaveRow](items=[WaveRow.of_row(row, clock.today()) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{wave_id}", response_model=WaveOut)
async def get_survey_wave(
    wave_id: UUID, caller: Annotated[Caller, may("feedback:read")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """One wave, with where it stands today."""
    async with database.snapshot() as session:
        held = await wave_queries.find_wave(session, caller, wave_id)
        numbers = await wave_queries.read_populations(session, wave_id)
    answer = WaveOut.of(held.wave, numbers, clock.today(), caller, own=held.own)
    headers = {"ETag": version_etag(held.wave["version"])}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.patch("/{wave_id}", response_model=WaveOut)
async def edit_survey_wave(
    wave_id: UUID,
    body: WaveEdit,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Change a wave: everything before it opens; while it is open its title, who could answer, and its last day."""
    async with database.transaction() as session:
        held = await wave_queries.find_own_wave(session, caller, wave_id, "change")
        match.check(held.wave["version"])
        row = await wave_service.edit_wave(session, caller, held, body, clock.now())
        numbers = await wave_queries.read_populations(session, wave_id)
    answer = WaveOut.of(row, numbers, clock.today(), caller, own=True)
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers_of(row))


@router.post("/{wave_id}/closing", response_model=WaveOut, status_code=200)
async def close_survey_wave(
    request: Request,
    wave_id: UUID,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Close a wave before its last day, for good; one that has not begun is cancelled."""
    async with once(request, database, caller) as deed:
        held = await wave_queries.find_own_wave(deed.session, caller, wave_id, "change")
        match.check(held.wave["version"])
        row = await wave_service.close_wave(deed.session, caller, held, clock.now())
        numbers = await wave_queries.read_populations(deed.session, wave_id)
        return deed.answer(WaveOut.of(row, numbers, clock.today(), caller, own=True), 200, headers_of(row))
