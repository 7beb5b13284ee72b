"""Delegations over HTTP, visible to everybody who reads reports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response

from services.reporting_api.chain import c, delegations, in_force
from services.reporting_api.delegations import service
from services.reporting_api.delegations.schemas import DelegationIn, DelegationOut, EndIn, Subject
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.organisation.units import visible_units
from shared.paging import Cursor, Page, cursor, cursor_key, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code, LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/delegations", tags=["sign-off"], route_class=StrictRoute)


@router.get("", response_model=Page[DelegationOut])
async def list_delegations(
    request: Request,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str)],
    on: Annotated[LocalDate | None, Query(description="in force on this day")] = None,
    role: Annotated[Code | None, Query()] = None,
    delegate: Annotated[Subject | None, Query(description="a subject")] = None,
) -> Response:
    """Who may sign for whom, newest first; those that are over stay in the list."""
    statement = sa.select(delegations).order_by(c.id.desc()).limit(at.fetch)
    if on is not None:
        statement = statement.where(in_force(on))
    if role is not None:
        statement = statement.where(c.role == role)
    if delegate is not None:
        statement = statement.where(c.delegate == delegate)
    if at.after is not None:
        statement = statement.where(c.id < cursor_key(at.after, UUID)[0])
    async with database.snapshot() as session:
        allowed = await visible_units(session, caller)
        if allowed is not None:
            statement = statement.where(sa.or_(c.unit.is_(None), c.unit.in_(sorted(allowed))))
        rows, following = cut_page((await session.execute(statement)).all(), at, lambda row: (str(row.id),))
    today = clock.today()
    answer = Page[DelegationOut](items=[DelegationOut.of(row, caller, today) for row in rows], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("", response_model=DelegationOut, status_code=201)
async def add_delegation(
    request: Request,
    body: DelegationIn,
    caller: Annotated[Caller, may("reporting:sign")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Let somebody else sign in one of the caller's roles, from one day to another; a delegate does not pass it on."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.add_delegation(deed.session, caller, body, clock.today())
        headers = {"Location": f"/v1/delegations/{row.id}", "ETag": version_etag(row.version)}
        answer = DelegationOut.of(row, caller, clock.today())
        return deed.answer(answer, headers=headers, subject=("delegation", str(row.id)))


@router.get("/{delegation}", response_model=DelegationOut)
async def get_delegation(
    delegation: UUID, caller: Annotated[Caller, may("reporting:read")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """One delegation, with what the caller may do about it."""
    async with database.snapshot() as session:
        row = await service.find_delegation(session, caller, delegation)
    answer = DelegationOut.of(row, caller, clock.today())
    headers = {"ETag": version_etag(row.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/{delegation}/endings", response_model=DelegationOut, status_code=200)
async def end_delegation(
    request: Request,
    delegation: UUID,
    body: EndIn,
    caller: Annotated[Caller, may("reporting:sign")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """End a delegation before its day; what was signed under it stays signed."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        now, today = clock.now(), clock.today()
        row = await service.end_delegation(deed.session, caller, delegation, match, body.reason, now, today)
        answer = DelegationOut.of(row, caller, today)
        headers = {"ETag": version_etag(row.version)}
        return deed.answer(answer, status=200, headers=headers, subject=("delegation", str(delegation)))
