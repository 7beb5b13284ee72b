"""The routes of challenges: raise, answer, decide, and what is unanswered (R19)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.challenges import queries, service
from services.feedback_api.challenges.schemas import (
    About,
    ChallengeDecisionIn,
    ChallengeEdit,
    ChallengeIn,
    ChallengeOut,
    ChallengeResponseIn,
    ChallengeRow,
    EndIn,
    Status,
    UnansweredOut,
)
from services.feedback_api.challenges.tallies import tallies
from services.feedback_api.histories import RecordVersionOut, read_versions, versions_page
from services.feedback_api.models import Challenge
from services.feedback_api.parameters import UnitFilter
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, as_seen, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code, LocalDate, Reference
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/challenges", tags=["challenges"], route_class=StrictRoute)
BodyFilter = Annotated[Code | None, Query(description="the board that raised it")]
Manager = Annotated[Caller, may("feedback:manage")]
Writer = Annotated[Caller, may("feedback:write")]
Reader = Annotated[Caller, may("feedback:read")]
Match = Annotated[IfMatch, if_match()]
Body = TypeVar("Body")


def _headers(row: dict[str, Any]) -> dict[str, str]:
    return {"ETag": version_etag(row["version"]), "Location": f"/v1/challenges/{row['id']}"}


def _answer(row: dict[str, Any], caller: Caller, clock: ClockOf) -> Response:
    answer = ChallengeOut.of(row, caller, clock.today())
    return Response(answer.model_dump_json(), media_type="application/json", headers=_headers(row))


async def _take(
    step: Callable[[AsyncSession, Caller, dict[str, Any], Body, datetime], Awaitable[dict[str, Any]]], body: Body,
    challenge_id: UUID, caller: Caller, database: Database, clock: Clock, match: IfMatch,
) -> Response:  # fmt: skip
    """Take a step of the challenge as the caller last saw it, and answer with what it is then."""
    async with database.transaction() as session:
        held = await queries.find_challenge(session, caller, challenge_id, lock=True)
        match.check(held["version"])
        row = await step(session, caller, held, body, clock.now())
    return _answer(row, caller, clock)


@router.post("", response_model=ChallengeOut, status_code=201)
async def raise_challenge(
    request: Request, body: ChallengeIn, caller: Manager, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """Record a challenge of a partnership board; without `response_due` the board's working days are counted."""
    texts = {"/question": body.question, "/area_for_development": body.area_for_development}
    screen(texts, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.raise_challenge(deed.session, caller, body, clock.now())
        answer = ChallengeOut.of(row, caller, clock.today())
        return deed.answer(answer, 201, _headers(row), subject=("challenge", str(row["id"])))


@router.get("", response_model=Page[ChallengeRow])
async def list_challenges(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    body: BodyFilter = None,
    unit: UnitFilter = None,
    status: Status | None = None,
    about: About | None = None,
    ref: Annotated[Reference | None, Query(description="of what is challenged, such as an indicator's code")] = None,
    first: Annotated[LocalDate | None, Query(alias="from", description="raised on or after")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="raised on or before")] = None,
) -> Response:
    """The challenges the caller may see, newest first."""
    filters = queries.Filters(body, unit, status, about, ref, first, last)
    async with database.snapshot() as session:
        rows = await queries.list_rows(session, caller, filters, at)
    page, following = cut_page(rows, at, lambda row: place_of(row["raised_on"], row["id"]))
    items = [ChallengeRow(**ChallengeRow.row(row, clock.today())) for row in page]
    answer = Page[ChallengeRow](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/unanswered", response_model=UnansweredOut)
async def list_unanswered_challenges(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    body: BodyFilter = None,
    unit: UnitFilter = None,
) -> Response:
    """Challenges that await a response, the overdue first, and how many of whom: by board and by unit."""
    filters = queries.Filters(body, unit)
    async with database.snapshot() as session:
        rows = await queries.list_unanswered(session, caller, filters, at)
        counts = await queries.count_unanswered(session, caller, filters, clock.today())
    page, following = cut_page(rows, at, lambda row: place_of(row["response_due"], row["id"]))
    answer = UnansweredOut(
        items=[ChallengeRow(**ChallengeRow.row(row, clock.today())) for row in page],
        next=following,
        unanswered=sum(row.unanswered for row in counts),
        overdue=sum(row.overdue for row in counts),
        by_body=tallies(counts, "body", "board"),
        by_unit=tallies(counts, "unit", "name"),
        as_at=clock.now(),
    )
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{challenge_id}", response_model=ChallengeOut)
async def get_challenge(
    request: Request, challenge_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf
) -> Response:
    """One challenge with its response and what this caller may do next."""
    async with database.snapshot() as session:
        row = await queries.find_challenge(session, caller, challenge_id)
    return as_seen(request, row["version"], ChallengeOut.of(row, caller, clock.today()))


@router.get("/{challenge_id}/history", response_model=Page[RecordVersionOut])
async def get_challenge_history(
    request: Request, challenge_id: UUID, caller: Reader, database: DatabaseOf, at: Annotated[Cursor, cursor(int)]
) -> Response:
    """What the challenge and its responses said in each version, who changed it, when and why, newest first."""
    async with database.snapshot() as session:
        row = await queries.find_challenge(session, caller, challenge_id)
        key, content = service.HISTORY.c.challenge_id, service.content_of_challenge(row)
        found = await read_versions(session, service.HISTORY, key, Challenge(**row), content, at)
    return versions_page(request, found, at)


@router.patch("/{challenge_id}", response_model=ChallengeOut)
async def edit_challenge(
    challenge_id: UUID, body: ChallengeEdit, caller: Manager, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Correct a challenge that is not closed; what it said before is kept in its history."""
    texts = {"/question": body.question, "/area_for_development": body.area_for_development, "/reason": body.reason}
    screen(texts, settings.free_text_identifiers)
    return await _take(service.edit_challenge, body, challenge_id, caller, database, clock, match)


@router.put("/{challenge_id}/response", response_model=ChallengeOut)
async def respond_to_challenge(
    challenge_id: UUID, body: ChallengeResponseIn, caller: Writer, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Answer a challenge that is open or was sent back; then it lies with the board."""
    screen({"/response": body.response}, settings.free_text_identifiers)
    return await _take(service.respond, body, challenge_id, caller, database, clock, match)


@router.put("/{challenge_id}/decision", response_model=ChallengeOut)
async def decide_on_response(
    challenge_id: UUID, body: ChallengeDecisionIn, caller: Manager, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Record that the board accepted the response, which closes the challenge, or sent it back."""
    screen({"/words": body.words}, settings.free_text_identifiers)
    return await _take(service.decide, body, challenge_id, caller, database, clock, match)


@router.put("/{challenge_id}/end", response_model=ChallengeOut)
async def end_challenge(
    challenge_id: UUID, body: EndIn, caller: Manager, database: DatabaseOf, clock: ClockOf,
    settings: SettingsOf, match: Match,
) -> Response:  # fmt: skip
    """Close a challenge without a response that stands: the board withdrew it, or put it into another."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    return await _take(service.end_challenge, body, challenge_id, caller, database, clock, match)
