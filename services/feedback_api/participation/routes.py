"""The routes of activities: who was involved, how and in what, or that nobody was (R10, R14)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.cases import require_cases
from services.feedback_api.histories import RecordVersionOut, read_versions, versions_page
from services.feedback_api.models import ParticipationActivity
from services.feedback_api.parameters import CodeFilter, UnitFilter
from services.feedback_api.participation import queries, service
from services.feedback_api.participation.change_schemas import ParticipationChangeOut
from services.feedback_api.participation.schemas import (
    ActivityEdit,
    ActivityIn,
    ActivityRow,
    ActivityWithdrawalIn,
    ParticipationActivityOut,
)
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/participation/activities", tags=["participation"], route_class=StrictRoute)
Writer = Annotated[Caller, may("feedback:write")]
Reader = Annotated[Caller, may("feedback:read")]
Match = Annotated[IfMatch, if_match()]


def _headers(row: queries.Row) -> dict[str, str]:
    return {"ETag": version_etag(row["version"]), "Location": f"/v1/participation/activities/{row['id']}"}


def _out(
    row: queries.Row, who: list[queries.Row], changes: list[queries.Row], caller: Caller
) -> ParticipationActivityOut:
    withdrawn = row["withdrawn_because"] is not None
    return ParticipationActivityOut.of(
        row, who, [ParticipationChangeOut.of(one, caller, withdrawn=withdrawn) for one in changes], caller
    )


def _answer(answer: ParticipationActivityOut, row: queries.Row) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json", headers=_headers(row))


@router.post("", response_model=ParticipationActivityOut, status_code=201)
async def record_participation(
    request: Request, body: ActivityIn, caller: Writer, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """Record an activity with who took part, or truthfully that nobody did, why, and what follows."""
    screen(service.texts_of(body), settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row, who = await service.record(deed.session, caller, body, clock.now())
        subject = ("participation_activity", str(row["id"]))
        return deed.answer(_out(row, who, [], caller), 201, _headers(row), subject=subject)


@router.get("", response_model=Page[ActivityRow])
async def list_participation(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
    unit: UnitFilter = None,
    method: CodeFilter = None,
    commissioning_stage: CodeFilter = None,
    theme: CodeFilter = None,
    took_place: Annotated[bool | None, Query(description="false: those in which nobody took part")] = None,
    first: Annotated[LocalDate | None, Query(alias="from", description="ended on or after")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="ended on or before")] = None,
) -> Response:
    """The activities the caller may see, newest first, withdrawn ones too; of the council with feedback:figures."""
    require_cases(caller)
    filters = queries.Filters(unit, first, last, method, commissioning_stage, took_place, theme)
    async with database.snapshot() as session:
        rows = await queries.list_activities(session, caller, filters, at)
    page, following = cut_page(rows, at, lambda row: place_of(row["ended_on"], row["id"]))
    answer = Page[ActivityRow](items=[ActivityRow(**ActivityRow.row(row)) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{activity_id}", response_model=ParticipationActivityOut)
async def get_participation(activity_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """One activity with who took part and what came of it; that it was read is logged."""
    require_cases(caller)
    async with database.transaction() as session:
        row = await queries.find_activity(session, caller, activity_id)
        who = await queries.groups_of(session, activity_id)
        changes = await queries.changes_of(session, activity_id)
        await record_read(session, caller, "get_participation", "participation_activity", activity_id)
    return _answer(_out(row, who, changes, caller), row)


@router.get("/{activity_id}/history", response_model=Page[RecordVersionOut])
async def get_participation_history(
    request: Request, activity_id: UUID, caller: Reader, database: DatabaseOf, at: Annotated[Cursor, cursor(int)]
) -> Response:
    """What the activity said in each version, who changed it, when and why, newest first; reading it is logged."""
    require_cases(caller)
    async with database.transaction() as session:
        row = await queries.find_activity(session, caller, activity_id)
        content = service.content_of_activity(row, await queries.groups_of(session, activity_id))
        key, record = service.HISTORY.c.activity_id, ParticipationActivity(**row)
        found = await read_versions(session, service.HISTORY, key, record, content, at)
        await record_read(session, caller, "get_participation_history", "participation_activity", activity_id)
    return versions_page(request, found, at)


@router.put("/{activity_id}", response_model=ParticipationActivityOut)
async def edit_participation(
    activity_id: UUID, body: ActivityEdit, caller: Writer, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Send an activity whole again; what it said before is kept in its history."""
    screen(service.texts_of(body) | {"/reason": body.reason}, settings.free_text_identifiers)
    async with database.transaction() as session:
        held = await queries.find_activity(session, caller, activity_id, lock=True)
        match.check(held["version"])
        had = await queries.groups_of(session, activity_id)
        row, who = await service.edit(session, caller, held, had, body, clock.now())
        changes = await queries.changes_of(session, activity_id)
    return _answer(_out(row, who, changes, caller), row)


@router.put("/{activity_id}/withdrawal", response_model=ParticipationActivityOut)
async def withdraw_participation(
    activity_id: UUID, body: ActivityWithdrawalIn, caller: Writer, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Take an activity recorded by mistake out of every count, with what was said in it; it stays to be read."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with database.transaction() as session:
        held = await queries.find_activity(session, caller, activity_id, lock=True)
        match.check(held["version"])
        who = await queries.groups_of(session, activity_id)
        row = await service.withdraw(session, caller, held, who, body.reason, clock.now())
        changes = await queries.changes_of(session, activity_id)
    return _answer(_out(row, who, changes, caller), row)
