"""Raising actions, re-dating, completing and closing them, and finding those that are overdue."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.actions import queries, service
from services.audit_api.actions.rendering import action_out, action_row
from services.audit_api.actions.schemas import (
    ActionIn,
    ActionOut,
    ActionRow,
    ClosureIn,
    CompletionIn,
    DueDateEdit,
    Wanted,
)
from services.audit_api.reach import units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.etags import IfMatch, if_match, not_modified, version_etag
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/actions", tags=["actions"], route_class=StrictRoute)
_JSON = "application/json"
Writer = Annotated[Caller, may("audit:write")]
Manager = Annotated[Caller, may("audit:manage")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]


@router.post("", response_model=ActionOut, status_code=201)
async def raise_action(
    request: Request, body: ActionIn, caller: Writer, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """Raise an action from a finding or on other evidence, with an owner and a due date."""
    roles = service.known_roles(settings.roles_file)
    async with once(request, database, caller) as deed:
        action = await service.raise_action(
            deed.session, caller, body, roles, settings.free_text_identifiers, clock.now()
        )
        answer = await _read(deed.session, caller, action, clock)
        headers = {"Location": f"/v1/actions/{action}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("action", str(action)))


@router.get("", response_model=Page[ActionRow])
async def list_actions(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: Annotated[Wanted | None, Query(description="overdue is open past the original or present date")] = None,
    body: Annotated[Code | None, Query(description="the body that watches it")] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
) -> Response:
    """Actions within the caller's reach, by their original due dates."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.list_actions(session, caller, at, clock.today(), status=status, body=body, units=units)
    page, following = cut_page(rows, at, lambda row: (row.original_due_on.isoformat(), str(row.id)))
    answer = Page[ActionRow](items=[action_row(row, clock.today()) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/{action_id}", response_model=ActionOut)
async def get_action(
    request: Request, action_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf
) -> Response:
    """One action with every due date it has had and its evidence."""
    async with database.snapshot() as session:
        answer = await _read(session, caller, action_id, clock)
    etag = version_etag(answer.version)
    # The days an open action is overdue grow without the record changing: it is always sent.
    if answer.status != "open" and not_modified(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": etag})


@router.put("/{action_id}/due-date", response_model=ActionOut)
async def redate_action(
    action_id: UUID, body: DueDateEdit, caller: Writer, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Agree another due date with a reason; every earlier one is kept and the first still counts."""
    async with database.transaction() as session:
        await service.redate_action(session, caller, action_id, body, match, clock.now())
        answer = await _read(session, caller, action_id, clock)
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type=_JSON, headers=headers)


@router.post("/{action_id}/completions", response_model=ActionOut, status_code=201)
async def complete_action(
    request: Request,
    action_id: UUID,
    body: CompletionIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    match: Match,
) -> Response:
    """The owner says the action is done."""
    async with once(request, database, caller) as deed:
        await service.complete_action(deed.session, caller, action_id, body, match, clock.now())
        answer = await _read(deed.session, caller, action_id, clock)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("action", str(action_id)))


@router.post("/{action_id}/closures", response_model=ActionOut, status_code=201)
async def close_action(
    request: Request,
    action_id: UUID,
    body: ClosureIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    match: Match,
) -> Response:
    """Close an action with the difference it made, or set the day on which that will be looked at."""
    async with once(request, database, caller) as deed:
        await service.close_action(deed.session, caller, action_id, body, match, clock.now())
        answer = await _read(deed.session, caller, action_id, clock)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("action", str(action_id)))


async def _read(session: AsyncSession, caller: Caller, action: UUID, clock: Clock) -> ActionOut:
    row = await queries.read_action(session, caller, action)
    if row is None:
        raise NotFound()
    return action_out(row, caller, clock.today())
