"""Learning items: written down, passed on, acknowledged, put into training and taken back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.learning import queries, service
from services.audit_api.learning.rendering import learning_out, learning_row
from services.audit_api.learning.schemas import (
    AcknowledgementIn,
    Kind,
    LearningEdit,
    LearningIn,
    LearningOut,
    LearningRow,
    LearningWithdrawalIn,
    Status,
    TrainingIn,
)
from services.audit_api.reach import units_asked_for
from services.audit_api.words import Level
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.organisation.units import visible_units
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/learning", tags=["learning"], route_class=StrictRoute)
_JSON = "application/json"
Writer = Annotated[Caller, may("audit:write")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]


@router.post("", response_model=LearningOut, status_code=201)
async def add_learning(
    request: Request, body: LearningIn, caller: Writer, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """Write down what was learned, from what and for whom: a draft, or passed on at once."""
    async with once(request, database, caller) as deed:
        learning = await service.add_learning(deed.session, caller, body, settings.free_text_identifiers, clock.now())
        answer = await _read(deed.session, caller, learning)
        headers = {"Location": f"/v1/learning/{learning}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("learning", str(learning)))


@router.get("", response_model=Page[LearningRow])
async def list_learning(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    status: Annotated[
        Status | None, Query(description="drafts and withdrawn ones only where they may be written")
    ] = None,
    kind: Annotated[Kind | None, Query()] = None,
    theme: Annotated[Code | None, Query()] = None,
    level: Annotated[Level | None, Query(description="meant for this level")] = None,
    audit: Annotated[UUID | None, Query(description="learned from this audit or one of its findings")] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
    acknowledged: Annotated[bool | None, Query(description="by the caller")] = None,
) -> Response:
    """The learning that the caller may see, newest first: the own team's, the service's, and what is shared wider."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        wanted = queries.Wanted(status, kind, theme, level, audit, units, acknowledged)
        rows = await queries.list_learning(session, caller, at, wanted)
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[LearningRow](items=[learning_row(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/{learning_id}", response_model=LearningOut)
async def get_learning(learning_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """One item with its sources, the training it went into, and how many of each unit have acknowledged it."""
    async with database.snapshot() as session:
        return _answer(await _read(session, caller, learning_id))


@router.put("/{learning_id}", response_model=LearningOut)
async def edit_learning(
    learning_id: UUID,
    body: LearningEdit,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Replace a draft."""
    async with database.transaction() as session:
        words = settings.free_text_identifiers
        await service.edit_learning(session, caller, learning_id, body, match, words, clock.now())
        answer = await _read(session, caller, learning_id)
    return _answer(answer)


@router.post("/{learning_id}/disseminations", response_model=LearningOut, status_code=201)
async def disseminate_learning(
    request: Request, learning_id: UUID, caller: Writer, database: DatabaseOf, clock: ClockOf, match: Match
) -> Response:
    """Pass a draft on to its audience."""
    async with once(request, database, caller) as deed:
        await service.disseminate(deed.session, caller, learning_id, match, clock.now())
        answer = await _read(deed.session, caller, learning_id)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("learning", str(learning_id)))


@router.post("/{learning_id}/withdrawals", response_model=LearningOut, status_code=201)
async def withdraw_learning(
    request: Request,
    learning_id: UUID,
    body: LearningWithdrawalIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Take an item back with a reason; the last learning of a closed audit stays."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.withdraw(deed.session, caller, learning_id, body.reason, match, clock.now())
        answer = await _read(deed.session, caller, learning_id)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("learning", str(learning_id)))


@router.post("/{learning_id}/acknowledgements", response_model=LearningOut, status_code=201)
async def acknowledge_learning(
    request: Request, learning_id: UUID, body: AcknowledgementIn, caller: Reader, database: DatabaseOf, clock: ClockOf
) -> Response:
    """The caller has read the item; nobody acknowledges for another."""
    async with once(request, database, caller) as deed:
        await service.acknowledge(deed.session, caller, learning_id, body, clock.now())
        answer = await _read(deed.session, caller, learning_id)
        return deed.answer(answer, subject=("learning", str(learning_id)))


@router.post("/{learning_id}/training", response_model=LearningOut, status_code=201)
async def link_training(
    request: Request,
    learning_id: UUID,
    body: TrainingIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Name training commissioned with this learning in it (R58)."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await service.add_training(deed.session, caller, learning_id, body, words, clock.now())
        answer = await _read(deed.session, caller, learning_id)
        return deed.answer(answer, subject=("learning", str(learning_id)))


def _answer(answer: LearningOut) -> Response:
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})


async def _read(session: AsyncSession, caller: Caller, learning: UUID) -> LearningOut:
    row = await queries.read_learning(session, caller, learning)
    if row is None:
        raise NotFound()
    allowed = await visible_units(session, caller)
    writable = allowed is None or row.unit in allowed or row.created_by == caller.subject
    return learning_out(row, await queries.acknowledged_by(session, learning), caller, writable)
