"""The routes of "you said, we did": what people said, what came of it, and what of that may be shared."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.cases import require_cases
from services.feedback_api.histories import RecordVersionOut, read_versions, versions_page
from services.feedback_api.models import ParticipationChange
from services.feedback_api.parameters import CodeFilter, UnitFilter
from services.feedback_api.participation import queries, saying
from services.feedback_api.participation.change_schemas import ChangeEdit, ChangeIn, ParticipationChangeOut, SharedOut
from services.feedback_api.participation.routes import Match, Reader, Writer
from services.feedback_api.spans import span_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["participation"], route_class=StrictRoute)
Manager = Annotated[Caller, may("feedback:manage")]


def _headers(row: queries.Row) -> dict[str, str]:
    return {"ETag": version_etag(row["version"]), "Location": f"/v1/participation/changes/{row['id']}"}


def _answer(row: queries.Row, activity: queries.Row, caller: Caller) -> Response:
    answer = ParticipationChangeOut.of(row, caller, withdrawn=activity["withdrawn_because"] is not None)
    return Response(answer.model_dump_json(), media_type="application/json", headers=_headers(row))


@router.post("/participation/activities/{activity_id}/changes", response_model=ParticipationChangeOut, status_code=201)
async def add_change(
    request: Request, activity_id: UUID, body: ChangeIn, caller: Writer, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf,
) -> Response:  # fmt: skip
    """Record what people said in an activity and what was done, or why it was not; it is not shared yet."""
    screen(saying.texts_of(body), settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        activity = await queries.find_activity(deed.session, caller, activity_id, lock=True)
        row = await saying.add(deed.session, caller, activity, body, clock.now())
        answer = ParticipationChangeOut.of(row, caller, withdrawn=False)
        return deed.answer(answer, 201, _headers(row), subject=("participation_change", str(row["id"])))


@router.get("/participation/changes/{change_id}", response_model=ParticipationChangeOut)
async def get_change(change_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """One entry with whether its words may be shared; for its unit, and with feedback:figures for all."""
    require_cases(caller)
    async with database.snapshot() as session:
        row, activity = await queries.find_change(session, caller, change_id)
    return _answer(row, activity, caller)


@router.get("/participation/changes/{change_id}/history", response_model=Page[RecordVersionOut])
async def get_change_history(
    request: Request, change_id: UUID, caller: Reader, database: DatabaseOf, at: Annotated[Cursor, cursor(int)]
) -> Response:
    """What the entry said in each version, who changed it, when and why, newest first."""
    require_cases(caller)
    async with database.snapshot() as session:
        row, _ = await queries.find_change(session, caller, change_id)
        key, content = saying.HISTORY.c.change_id, saying.content_of_change(row)
        found = await read_versions(session, saying.HISTORY, key, ParticipationChange(**row), content, at)
    return versions_page(request, found, at)


@router.put("/participation/changes/{change_id}", response_model=ParticipationChangeOut)
async def edit_change(
    change_id: UUID, body: ChangeEdit, caller: Writer, database: DatabaseOf, clock: ClockOf, settings: SettingsOf,
    match: Match,
) -> Response:  # fmt: skip
    """Send an entry whole again; where its words change, their approval for sharing ends."""
    screen(saying.texts_of(body) | {"/reason": body.reason}, settings.free_text_identifiers)
    async with database.transaction() as session:
        held, activity = await queries.find_change(session, caller, change_id, lock=True)
        match.check(held["version"])
        row = await saying.edit(session, caller, held, activity, body, clock.now())
    return _answer(row, activity, caller)


@router.put("/participation/changes/{change_id}/approval", response_model=ParticipationChangeOut)
async def approve_change(
    change_id: UUID, caller: Manager, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Approve the words for sharing, as somebody else than wrote them; then boards and front ends are given them."""
    async with database.transaction() as session:
        held, activity = await queries.find_change(session, caller, change_id, lock=True)
        match.check(held["version"])
        row = await saying.approve(session, caller, held, activity, clock.now())
    return _answer(row, activity, caller)


@router.delete("/participation/changes/{change_id}/approval", response_model=ParticipationChangeOut)
async def withdraw_approval(
    change_id: UUID, caller: Manager, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Share the words no longer."""
    async with database.transaction() as session:
        held, activity = await queries.find_change(session, caller, change_id, lock=True)
        match.check(held["version"])
        row = await saying.take_back(session, caller, held, activity, clock.now())
    return _answer(row, activity, caller)


@router.get("/you-said-we-did", response_model=Page[SharedOut])
async def list_you_said_we_did(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
    period: Annotated[PeriodCode | None, Query(description="in which the activity ended: a month to a year")] = None,
    unit: UnitFilter = None,
    theme: CodeFilter = None,
) -> Response:
    """What people said and what was done, where a second person approved the words for sharing; newest first."""
    span = None if period is None else span_of(period)
    first, last = (None, None) if span is None else span.dates()
    filters = queries.Filters(unit, first, last, theme=theme)
    async with database.snapshot() as session:
        rows = await queries.list_shared(session, caller, filters, at)
    page, following = cut_page(rows, at, lambda row: place_of(row.ended_on, row.id))
    answer = Page[SharedOut](items=[SharedOut.model_validate(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))
