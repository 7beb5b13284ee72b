"""The steps of an action over HTTP, each on the version the caller has seen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.audit_api.actions import last_steps, open_steps
from services.audit_api.actions.answers import read_out
from services.audit_api.actions.schemas import ActionOut
from services.audit_api.actions.service import known_roles
from services.audit_api.actions.step_schemas import (
    ActionClosureIn,
    CancellationIn,
    CompletionIn,
    DueDateEdit,
    NoteIn,
    OwnerEdit,
    VerificationIn,
)
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import Deed, once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/actions", tags=["actions"], route_class=StrictRoute)
_JSON = "application/json"
Writer = Annotated[Caller, may("audit:write")]
Manager = Annotated[Caller, may("audit:manage")]
Match = Annotated[IfMatch, if_match()]


@router.put("/{action_id}/due-date", response_model=ActionOut)
async def redate_action(
    action_id: UUID,
    body: DueDateEdit,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Agree another due date with a reason; every earlier one is kept and the first still counts."""
    async with database.transaction() as session:
        words = settings.free_text_identifiers
        await open_steps.redate_action(session, caller, action_id, body, match, words, clock.now())
        answer = await read_out(session, caller, action_id, clock.today())
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type=_JSON, headers=headers)


@router.put("/{action_id}/owner", response_model=ActionOut)
async def reassign_action(
    action_id: UUID,
    body: OwnerEdit,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Give an open action to another owner, with a reason; who had it before is kept."""
    async with database.transaction() as session:
        words = settings.free_text_identifiers
        roles = known_roles(settings.roles_file)
        await open_steps.reassign_action(session, caller, action_id, body, match, roles, words, clock.now())
        answer = await read_out(session, caller, action_id, clock.today())
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type=_JSON, headers=headers)


@router.post("/{action_id}/notes", response_model=ActionOut, status_code=201)
async def add_action_note(
    request: Request,
    action_id: UUID,
    body: NoteIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Say how an action is coming along; nothing written before changes."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await open_steps.add_note(deed.session, caller, action_id, body, words, clock.now())
        return await _stored(deed, caller, action_id, clock.today())


@router.post("/{action_id}/completions", response_model=ActionOut, status_code=201)
async def complete_action(
    request: Request,
    action_id: UUID,
    body: CompletionIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """The owner says the action is done."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await open_steps.complete_action(deed.session, caller, action_id, body, match, words, clock.now())
        return await _stored(deed, caller, action_id, clock.today())


@router.post("/{action_id}/verifications", response_model=ActionOut, status_code=201)
async def verify_action(
    request: Request,
    action_id: UUID,
    body: VerificationIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Another person than who completed it accepts that it is done, or sends it back to its owner."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await last_steps.verify_action(deed.session, caller, action_id, body, match, words, clock.now())
        return await _stored(deed, caller, action_id, clock.today())


@router.post("/{action_id}/closures", response_model=ActionOut, status_code=201)
async def close_action(
    request: Request,
    action_id: UUID,
    body: ActionClosureIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Close a verified action with the difference it made, or set the day on which that will be looked at."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await last_steps.close_action(deed.session, caller, action_id, body, match, words, clock.now())
        return await _stored(deed, caller, action_id, clock.today())


@router.post("/{action_id}/cancellations", response_model=ActionOut, status_code=201)
async def cancel_action(
    request: Request,
    action_id: UUID,
    body: CancellationIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Leave an action undone, with a reason; the caller is the approver and not its owner."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await last_steps.cancel_action(deed.session, caller, action_id, body, match, words, clock.now())
        return await _stored(deed, caller, action_id, clock.today())


async def _stored(deed: Deed, caller: Caller, action: UUID, today: date) -> Response:
    answer = await read_out(deed.session, caller, action, today)
    headers = {"ETag": version_etag(answer.version)}
    return deed.answer(answer, headers=headers, subject=("action", str(action)))
