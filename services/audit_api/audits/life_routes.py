"""Closing, re-opening, handing over and withdrawing audits, late views, and an audit's history and versions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits import drafts, life, versions
from services.audit_api.audits.answering import read_whole
from services.audit_api.audits.life import ViewOf
from services.audit_api.audits.life_schemas import (
    AuditClosureIn,
    AuditVersionOut,
    AuditWithdrawalIn,
    HistoryOut,
    ReallocationIn,
    ReopeningIn,
    VersionsOut,
)
from services.audit_api.audits.rendering import AuditOut
from services.audit_api.audits.schemas import AnswersEdit, ViewIn, ViewsIn
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/audits/{audit_id}", tags=["audits"], route_class=StrictRoute)
Manager = Annotated[Caller, may("audit:manage")]
Writer = Annotated[Caller, may("audit:write")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]
_JSON = "application/json"


async def _do(
    request: Request,
    database: Database,
    caller: Caller,
    clock: Clock,
    audit: UUID,
    step: Callable[[AsyncSession], Awaitable[None]],
    status: int = 201,
) -> Response:
    """Take a step of the audit's life once, and answer with the audit as it stands then."""
    async with once(request, database, caller) as deed:
        await step(deed.session)
        answer = await read_whole(deed.session, caller, audit, clock.now())
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, status, headers, subject=("audit", str(audit)))


@router.post("/closures", response_model=AuditOut, status_code=201)
async def close_audit(
    request: Request,
    audit_id: UUID,
    body: AuditClosureIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Close a submitted or moderated audit once something learned from it has been passed on (R26)."""
    screen({"/note": body.note}, settings.free_text_identifiers)

    async def step(session: AsyncSession) -> None:
        await life.close_audit(session, caller, audit_id, body.note, match, clock.now())

    return await _do(request, database, caller, clock, audit_id, step)


@router.post("/reopenings", response_model=AuditOut, status_code=201)
async def reopen_audit(
    request: Request,
    audit_id: UUID,
    body: ReopeningIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Open a submitted audit for correction. What was submitted counts in every figure until the correction is
    submitted; it is then kept under `versions`."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)

    async def step(session: AsyncSession) -> None:
        await life.reopen_audit(session, caller, audit_id, body.reason, match, clock.now())

    return await _do(request, database, caller, clock, audit_id, step)


@router.post("/withdrawals", response_model=AuditOut, status_code=201)
async def withdraw_audit(
    request: Request,
    audit_id: UUID,
    body: AuditWithdrawalIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Take back an audit that was never submitted, with the reason; its slot is free for another."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)

    async def step(session: AsyncSession) -> None:
        await life.withdraw_audit(session, caller, audit_id, body.reason, match, clock.now())

    return await _do(request, database, caller, clock, audit_id, step)


@router.post("/reallocations", response_model=AuditOut, status_code=201)
async def reallocate_audit(
    request: Request,
    audit_id: UUID,
    body: ReallocationIn,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Hand an open audit to another auditor, independent of team and case, with what is answered already."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)

    async def step(session: AsyncSession) -> None:
        await life.reallocate_audit(session, caller, audit_id, body, match, clock.now())

    return await _do(request, database, caller, clock, audit_id, step)


@router.put("/views/{view_of}", response_model=AuditOut)
async def record_audit_view(
    request: Request,
    audit_id: UUID,
    view_of: Annotated[ViewOf, Path(description="whose view it is", examples=["parent_carer"])],
    body: ViewIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Record a view, or why there is none; one that comes after the submission stands beside the reason (R15)."""

    async def step(session: AsyncSession) -> None:
        held, late = await life.held_for_view(session, caller, audit_id, match)
        if late:
            await life.add_late_view(session, caller, held, view_of, body, clock.now())
        else:
            edit = AnswersEdit(views=ViewsIn(**{view_of: body}))
            words = settings.free_text_identifiers
            await drafts.save_answers(session, caller, audit_id, edit, match, words, clock.now())

    return await _do(request, database, caller, clock, audit_id, step, 200)


@router.get("/history", response_model=HistoryOut)
async def get_audit_history(audit_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """What was done with the audit since it was allocated: by whom, when and why, and which answers it changed."""
    async with database.snapshot() as session:
        found = await versions.history(session, caller, audit_id)
    return Response(found.model_dump_json(), media_type=_JSON)


@router.get("/versions", response_model=VersionsOut)
async def list_audit_versions(audit_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """Every submission of the audit with its grades: the newest counts, earlier ones are kept as they were."""
    async with database.snapshot() as session:
        found = await versions.list_versions(session, caller, audit_id)
    return Response(found.model_dump_json(), media_type=_JSON)


@router.get("/versions/{number}", response_model=AuditVersionOut)
async def get_audit_version(
    audit_id: UUID,
    number: Annotated[int, Path(ge=1, le=9999, examples=[1])],
    caller: Reader,
    database: DatabaseOf,
) -> Response:
    """One submission, whole, as it was; that it was read is recorded."""
    async with database.transaction() as session:
        found = await versions.read_version(session, caller, audit_id, number)
        await record_read(session, caller, "get_audit_version", "audit", audit_id)
    return Response(found.model_dump_json(), media_type=_JSON)
