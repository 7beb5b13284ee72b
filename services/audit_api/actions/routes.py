"""Raising actions and finding them: mine, a body's, those overdue, those that await their impact."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.actions import queries, service
from services.audit_api.actions.answers import read_out
from services.audit_api.actions.overdue import overdue_by_body
from services.audit_api.actions.rendering import action_row
from services.audit_api.actions.schemas import ActionIn, ActionOut, ActionRow, OverdueOut, Wanted
from services.audit_api.reach import units_asked_for
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import as_seen, version_etag
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/actions", tags=["actions"], route_class=StrictRoute)
_JSON = "application/json"
Writer = Annotated[Caller, may("audit:write")]
Reader = Annotated[Caller, may("audit:read")]


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
        answer = await read_out(deed.session, caller, action, clock.today())
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
    mine: Annotated[bool, Query(description="given to the caller's account or to one of the caller's roles")] = False,
    theme: Annotated[Code | None, Query(description="from findings on this theme")] = None,
    audit: Annotated[UUID | None, Query(description="from the findings of this audit")] = None,
) -> Response:
    """Actions within the caller's reach, by their original due dates."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        wanted = queries.Wanted(status, body, units, mine, theme, audit)
        rows = await queries.list_actions(session, caller, at, clock.today(), wanted)
    page, following = cut_page(rows, at, lambda row: (row.original_due_on.isoformat(), str(row.id)))
    answer = Page[ActionRow](items=[action_row(row, clock.today()) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/overdue-by-body", response_model=OverdueOut)
async def get_overdue_by_body(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
) -> Response:
    """What each body still waits for: overdue actions, the oldest and for how long, whatever was re-dated (R42)."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        answer = await overdue_by_body(session, caller, units, clock.today())
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/{action_id}", response_model=ActionOut)
async def get_action(
    request: Request, action_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf
) -> Response:
    """One action with every due date it has had and its evidence."""
    async with database.snapshot() as session:
        answer = await read_out(session, caller, action_id, clock.today())
    return as_seen(request, answer.version, answer)
