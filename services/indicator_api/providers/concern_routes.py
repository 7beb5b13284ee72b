"""The registers over HTTP: entries, their reviews, and what is missing (R54)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, StringConstraints

from services.indicator_api.providers import concerns, queries
from services.indicator_api.providers.concern_schemas import (
    ClosureIn,
    ConcernEdit,
    ConcernIn,
    ConcernOut,
    ConcernRow,
    OverviewOut,
    ReviewIn,
)
from services.indicator_api.providers.overview import overview
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.faults import SafeValueError
from shared.free_text import screen
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import Period, PeriodKind
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["providers"], route_class=StrictRoute)
Reader = Annotated[Caller, may("indicator:read")]
Commenter = Annotated[Caller, may("indicator:comment")]
Match = Annotated[IfMatch, if_match()]
_JSON = "application/json"


def _is_a_school_year(code: str) -> str:
    if Period.parse(code).kind is not PeriodKind.academic_year:
        raise SafeValueError("give a school year such as AY2026-27")
    return code


SchoolYear = Annotated[str, StringConstraints(max_length=20), AfterValidator(_is_a_school_year)]


def _answer(found: ConcernOut) -> Response:
    return Response(found.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(found.version)})


@router.post("/providers/{code}/concerns", response_model=ConcernOut, status_code=201)
async def open_concern(
    request: Request,
    code: Annotated[Code, Path(description="the provider's")],
    body: ConcernIn,
    caller: Commenter,
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """Put a provider in a register, such as Schools Causing Concern."""
    async with once(request, database, caller) as deed:
        made = await concerns.open_concern(deed.session, caller, code, body, clock.now())
        answer = await concerns.read_concern(deed.session, caller, made, clock.today())
        headers = {"Location": f"/v1/concerns/{made}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("provider_concern", str(made)))


@router.get("/concerns", response_model=Page[ConcernRow])
async def list_concerns(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    provider_register: Code | None = None,
    open_only: Annotated[bool | None, Query(description="true: open entries; false: closed ones; both if none")] = None,
) -> Response:
    """Entries of the registers, the latest opened first, each with its flags."""
    async with database.snapshot() as session:
        rows = await queries.list_concerns(session, caller, at, provider_register, open_only=open_only)
        page, following = cut_page(rows, at, lambda row: place_of(row["opened_on"], row["id"]))
        items = await concerns.concern_rows(session, page, clock.today())
    answer = Page[ConcernRow](items=items, next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/concerns/overview", response_model=OverviewOut)
async def get_register_overview(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    provider_register: Annotated[Code, Query(examples=["schools_causing_concern"])],
    year: Annotated[SchoolYear, Query(description="a school year", examples=["AY2026-27"])],
) -> Response:
    """A register over a school year: reviews owed and held each half term, and providers that belong in it."""
    async with database.snapshot() as session:
        found = await overview(session, caller, provider_register, Period.parse(year), clock.today())
    return Response(found.model_dump_json(), media_type=_JSON)


@router.get("/concerns/{concern_id}", response_model=ConcernOut)
async def get_concern(concern_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """One entry with its reviews."""
    async with database.snapshot() as session:
        return _answer(await concerns.read_concern(session, caller, concern_id, clock.today()))


@router.put("/concerns/{concern_id}", response_model=ConcernOut)
async def change_concern(
    concern_id: UUID, body: ConcernEdit, caller: Commenter, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Change an open entry: its category, its support, when members were told."""
    async with database.transaction() as session:
        await concerns.change_concern(session, caller, concern_id, body, match, clock.now())
        found = await concerns.read_concern(session, caller, concern_id, clock.today())
    return _answer(found)


@router.post("/concerns/{concern_id}/reviews", response_model=ConcernOut, status_code=201)
async def review_concern(
    request: Request,
    concern_id: UUID,
    body: ReviewIn,
    caller: Commenter,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record what the services found when they looked at the entry in a half term."""
    screen({"/words": body.words}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await concerns.add_review(deed.session, caller, concern_id, body, clock.now())
        answer = await concerns.read_concern(deed.session, caller, concern_id, clock.today())
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("provider_concern", str(concern_id)))


@router.post("/concerns/{concern_id}/closure", response_model=ConcernOut, status_code=201)
async def close_concern(
    request: Request,
    concern_id: UUID,
    body: ClosureIn,
    caller: Commenter,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Take a provider out of a register, with the reason."""
    screen({"/because": body.because}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await concerns.close_concern(deed.session, caller, concern_id, body, match, clock.now())
        answer = await concerns.read_concern(deed.session, caller, concern_id, clock.today())
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("provider_concern", str(concern_id)))
