"""Escalations over HTTP: raising a concern, answering it, taking it up, closing it (R37, R38)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.escalation_reach import line_of
from services.audit_api.escalations import queries, raising, service
from services.audit_api.escalations.rendering import escalation_out, escalation_row
from services.audit_api.escalations.schemas import (
    About,
    EscalationClosureIn,
    EscalationIn,
    EscalationOut,
    EscalationReasonIn,
    EscalationRow,
    Wanted,
    WordsIn,
)
from services.audit_api.reach import units_asked_for
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.auth.roles import known_roles
from shared.clock import Clock
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/escalations", tags=["escalations"], route_class=StrictRoute)
_JSON = "application/json"
Writer = Annotated[Caller, may("audit:write")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]


@router.post("", response_model=EscalationOut, status_code=201)
async def raise_concern(
    request: Request, body: EscalationIn, caller: Writer, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """Raise a concern about any unit's work, under a policy that says who is called and by when."""
    roles = known_roles(settings.roles_file)
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        made = await raising.raise_concern(deed.session, caller, body, roles, words, clock.now())
        answer = await _read(deed.session, caller, made, clock)
        headers = {"Location": f"/v1/escalations/{made}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("escalation", str(made)))


@router.get("", response_model=Page[EscalationRow])
async def list_escalations(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: Annotated[Wanted | None, Query(description="overdue is open, and some level's time has run out")] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
    level: Annotated[int | None, Query(ge=1, le=8)] = None,
    policy: Code | None = None,
    about: About | None = None,
) -> Response:
    """Escalations this caller may see, those first whose level is over soonest; that they were read is recorded."""
    async with database.transaction() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.list_escalations(
            session, caller, at, clock.now(), status=status, units=units, level=level, policy=policy, about=about
        )
        await record_read(session, caller, "list_escalations", "escalation", None)
    page, following = cut_page(rows, at, lambda row: (row.due_at.isoformat(), str(row.id)))
    answer = Page[EscalationRow](items=[escalation_row(row, clock.now()) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/{escalation_id}", response_model=EscalationOut)
async def get_escalation(escalation_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """One escalation with its whole history; that it was read is recorded."""
    async with database.transaction() as session:
        answer = await _read(session, caller, escalation_id, clock)
        await record_read(session, caller, "get_escalation", "escalation", escalation_id)
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})


@router.post("/{escalation_id}/responses", response_model=EscalationOut, status_code=201)
async def respond_to_escalation(
    request: Request,
    escalation_id: UUID,
    body: WordsIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Answer the concern; the level's time runs on until it is closed."""
    screen({"/text": body.text}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.respond(deed.session, caller, escalation_id, body.text, match, clock.now())
        answer = await _read(deed.session, caller, escalation_id, clock)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("escalation", str(escalation_id)))


@router.post("/{escalation_id}/moves", response_model=EscalationOut, status_code=201)
async def move_escalation_up(
    request: Request,
    escalation_id: UUID,
    body: EscalationReasonIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Take it to the next level before its time is over."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.move_up(deed.session, caller, escalation_id, body.reason, match, clock.now())
        answer = await _read(deed.session, caller, escalation_id, clock)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("escalation", str(escalation_id)))


@router.put("/{escalation_id}/subject-told", response_model=EscalationOut)
async def tell_subject(
    escalation_id: UUID, caller: Writer, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Record that whoever it is against was told, who sees it from now on."""
    async with database.transaction() as session:
        await service.tell_subject(session, caller, escalation_id, match, clock.now())
        answer = await _read(session, caller, escalation_id, clock)
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})


@router.post("/{escalation_id}/closures", response_model=EscalationOut, status_code=201)
async def close_escalation(
    request: Request,
    escalation_id: UUID,
    body: EscalationClosureIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Close it with its outcome: whoever the policy names at this level, and never whoever it is against."""
    screen({"/text": body.text}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.close(deed.session, caller, escalation_id, body, match, clock.now())
        answer = await _read(deed.session, caller, escalation_id, clock)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("escalation", str(escalation_id)))


@router.post("/{escalation_id}/withdrawals", response_model=EscalationOut, status_code=201)
async def withdraw_escalation(
    request: Request,
    escalation_id: UUID,
    body: EscalationReasonIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Its raiser takes it back with a reason, where the policy allows that."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.withdraw(deed.session, caller, escalation_id, body.reason, match, clock.now())
        answer = await _read(deed.session, caller, escalation_id, clock)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("escalation", str(escalation_id)))


async def _read(session: AsyncSession, caller: Caller, escalation: UUID, clock: Clock) -> EscalationOut:
    line = await line_of(session, caller)
    row = await queries.read_escalation(session, caller, escalation, line)
    if row is None:
        raise NotFound()
    return escalation_out(row, caller, line, clock.now())
