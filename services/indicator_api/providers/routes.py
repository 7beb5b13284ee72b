"""Providers over HTTP: the register's subjects, how they were judged, and what was seen there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.providers import queries, service
from services.indicator_api.providers.page import provider_page, row_out
from services.indicator_api.providers.schemas import (
    JudgementIn,
    NoteIn,
    NoteOut,
    ProviderFigureIn,
    ProviderIn,
    ProviderOut,
    ProviderRow,
)
from services.indicator_api.series.known import Veil
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.etags import Precondition, precondition, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.framework.providers import ProviderKind
from shared.settings import Settings
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/providers", tags=["providers"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
Writer = Annotated[Caller, may("indicator:write")]
Commenter = Annotated[Caller, may("indicator:comment")]
ProviderCode = Annotated[Code, Path(examples=["example_hill_primary"])]
_JSON = "application/json"
_SENT_AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": ProviderOut, "description": "It is there already; nothing changed."}
}


async def _page(session: AsyncSession, caller: Caller, code: str, settings: Settings, clock: Clock) -> ProviderOut:
    veil = Veil.for_caller(caller, settings.small_number_threshold)
    return await provider_page(session, caller, code, veil, clock.today())


@router.put("/{code}", response_model=ProviderOut, responses={201: {"model": ProviderOut}})
async def keep_provider(
    code: ProviderCode,
    body: ProviderIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[Precondition, precondition()],
) -> Response:
    """Record a school or setting under a code of the council's (201), or change it (200, with If-Match)."""
    async with database.transaction() as session:
        row, created = await service.keep_provider(session, caller, code, body, match, clock.now())
        answer = await _page(session, caller, code, settings, clock)
    headers = {"ETag": version_etag(row["version"])}
    return Response(answer.model_dump_json(), 201 if created else 200, headers, _JSON)


@router.get("", response_model=Page[ProviderRow])
async def list_providers(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    kind: ProviderKind | None = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
    provider_register: Annotated[Code | None, Query(description="only those with an open entry in it")] = None,
    at_risk: bool | None = None,
) -> Response:
    """The providers within the caller's reach, by code, with the registers they stand in."""
    async with database.snapshot() as session:
        rows = await queries.list_providers(session, caller, at, kind, unit, provider_register, at_risk)
    page, following = cut_page(rows, at, lambda row: (row["code"],))
    items = [row_out(row, row["open_concerns"], at_risk=row["at_risk"]) for row in page]
    answer = Page[ProviderRow](items=items, next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/{code}", response_model=ProviderOut)
async def get_provider(
    request: Request, code: ProviderCode, caller: Reader, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """A provider's page: judgements and figures beside visits, notes and concerns (R86)."""
    async with database.snapshot() as session:
        answer = await _page(session, caller, code, settings, clock)
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})


@router.post("/{code}/judgements", response_model=ProviderOut, status_code=201, responses=_SENT_AGAIN)
async def record_provider_judgement(
    request: Request,
    code: ProviderCode,
    body: JudgementIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record one grade of an inspection with its framework; another grade for the same day corrects it."""
    async with once(request, database, caller) as deed:
        new = await service.add_judgement(deed.session, caller, code, body, clock.now())
        answer = await _page(deed.session, caller, code, settings, clock)
        return deed.answer(answer, 201 if new else 200, subject=("provider", code))


@router.post("/{code}/figures", response_model=ProviderOut, status_code=201, responses=_SENT_AGAIN)
async def record_provider_figure(
    request: Request,
    code: ProviderCode,
    body: ProviderFigureIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record a figure of this provider under the dictionary's definition; a later one corrects it."""
    async with once(request, database, caller) as deed:
        new = await service.add_figure(deed.session, caller, code, body, clock.now())
        answer = await _page(deed.session, caller, code, settings, clock)
        return deed.answer(answer, 201 if new else 200, subject=("provider", code))


@router.post("/{code}/notes", response_model=NoteOut, status_code=201)
async def add_provider_note(
    request: Request,
    code: ProviderCode,
    body: NoteIn,
    caller: Commenter,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Keep what was seen on a visit, found in a review or heard; it is never changed, only added to."""
    screen({"/words": body.words}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.add_note(deed.session, caller, code, body, clock.now())
        answer = NoteOut(**{name: row[name] for name in NoteOut.model_fields})
        return deed.answer(answer, subject=("provider", code))


@router.get("/{code}/notes", response_model=Page[NoteOut])
async def list_provider_notes(
    request: Request,
    code: ProviderCode,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
) -> Response:
    """What was seen and heard, the latest first."""
    async with database.snapshot() as session:
        await queries.find_provider(session, caller, code)
        rows = await queries.notes_of(session, code, at)
    page, following = cut_page(rows, at, lambda row: place_of(row["noted_on"], row["id"]))
    items = [NoteOut(**{name: row[name] for name in NoteOut.model_fields}) for row in page]
    answer = Page[NoteOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))
