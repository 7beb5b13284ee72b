"""The routes of suggested themes: for a text, for a record, what was decided, what waits, and learning from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.cases import require_cases
from services.feedback_api.parameters import CodeFilter, RefInPath
from services.feedback_api.themes import queries, service
from services.feedback_api.themes.records import COMPLAINT, COMPLIMENT, VIEW, Kind, RecordKind, find_record
from services.feedback_api.themes.schemas import (
    DecisionOut,
    LessonsOut,
    RecordSuggestionsOut,
    SuggestionsOut,
    TextIn,
    ThemeDecisionIn,
    UndecidedRow,
)
from services.feedback_api.themes.taxonomy import learn_anew, read_classifier, read_taxonomy
from shared.activity.record import record_activity, record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.keyset import place_of
from shared.openapi import READS_ONLY
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["themes"], route_class=StrictRoute)


@router.post("/themes/suggestions", response_model=SuggestionsOut, openapi_extra=READS_ONLY)
async def suggest_themes(
    body: TextIn, caller: Annotated[Caller, may("feedback:write")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """Suggest themes for a text before it is recorded, with the words each rests on; nothing is stored."""
    async with database.snapshot() as session:
        taxonomy = await read_taxonomy(session, clock.today())
        classifier = await read_classifier(session, taxonomy)
    answer = SuggestionsOut.of(classifier, taxonomy.titles, {"text": body.text})
    return Response(answer.model_dump_json(), media_type="application/json")


async def _suggest(database: Database, caller: Caller, kind: Kind, key: UUID | str, operation: str) -> Response:
    async with database.transaction() as session:
        record = await find_record(session, caller, kind, key)
        answer = await service.suggest_for(session, record)
        await record_read(session, caller, operation, kind.name, record.ref)
    headers = {"ETag": version_etag(record.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


async def _decide(
    request: Request, database: Database, clock: Clock, caller: Caller, kind: Kind, key: UUID | str,
    body: ThemeDecisionIn, check: Callable[[int], None],
) -> Response:  # fmt: skip
    async with once(request, database, caller) as deed:
        record = await find_record(deed.session, caller, kind, key, lock=True)
        check(record.version)
        answer = await service.decide(deed.session, caller, record, body, clock.now())
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, 201, headers, subject=(kind.name, record.ref))


@router.get("/views/{view_id}/theme-suggestions", response_model=RecordSuggestionsOut)
async def suggest_view_themes(
    view_id: UUID, caller: Annotated[Caller, may("feedback:read")], database: DatabaseOf
) -> Response:
    """Suggest themes for a view, pointing at its words; that they were read is logged."""
    require_cases(caller)
    return await _suggest(database, caller, VIEW, view_id, "suggest_view_themes")


@router.post("/views/{view_id}/theme-decisions", response_model=DecisionOut, status_code=201)
async def decide_view_themes(
    request: Request, view_id: UUID, body: ThemeDecisionIn, caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf, clock: ClockOf, match: Annotated[IfMatch, if_match()],
) -> Response:  # fmt: skip
    """Confirm or correct what was suggested for a view: its themes are then those confirmed."""
    require_cases(caller)
    return await _decide(request, database, clock, caller, VIEW, view_id, body, match.check)


@router.get("/complaints/{respond_ref}/theme-suggestions", response_model=RecordSuggestionsOut)
async def suggest_complaint_themes(
    respond_ref: RefInPath, caller: Annotated[Caller, may("feedback:complaints")], database: DatabaseOf
) -> Response:
    """Suggest themes for a complaint from its learning and improvement; that they were read is logged."""
    return await _suggest(database, caller, COMPLAINT, respond_ref, "suggest_complaint_themes")


@router.post("/complaints/{respond_ref}/theme-decisions", response_model=DecisionOut, status_code=201)
async def decide_complaint_themes(
    request: Request, respond_ref: RefInPath, body: ThemeDecisionIn,
    caller: Annotated[Caller, may("feedback:complaints")], database: DatabaseOf, clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:  # fmt: skip
    """Confirm or correct what was suggested for a complaint: its themes are then those confirmed."""
    return await _decide(request, database, clock, caller, COMPLAINT, respond_ref, body, match.check)


@router.get("/compliments/{respond_ref}/theme-suggestions", response_model=RecordSuggestionsOut)
async def suggest_compliment_themes(
    respond_ref: RefInPath, caller: Annotated[Caller, may("feedback:complaints")], database: DatabaseOf
) -> Response:
    """Suggest themes for a compliment, pointing at its words; that they were read is logged."""
    return await _suggest(database, caller, COMPLIMENT, respond_ref, "suggest_compliment_themes")


@router.post("/compliments/{respond_ref}/theme-decisions", response_model=DecisionOut, status_code=201)
async def decide_compliment_themes(
    request: Request, respond_ref: RefInPath, body: ThemeDecisionIn,
    caller: Annotated[Caller, may("feedback:complaints")], database: DatabaseOf, clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:  # fmt: skip
    """Confirm or correct what was suggested for a compliment: its themes are then those confirmed."""
    return await _decide(request, database, clock, caller, COMPLIMENT, respond_ref, body, match.check)


@router.get("/themes/undecided", response_model=Page[UndecidedRow])
async def list_undecided_themes(
    request: Request, caller: Annotated[Caller, may("feedback:write")], database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)], kind: RecordKind | None = None,
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
) -> Response:  # fmt: skip
    """Records with words and without themes that the caller may decide, newest first."""
    if not caller.may("feedback:complaints"):
        require_cases(caller)
    async with database.snapshot() as session:
        rows = await queries.list_undecided(session, caller, kind, unit, at)
    page, following = cut_page(rows, at, lambda row: place_of(row.on, row.id))
    answer = Page[UndecidedRow](items=[UndecidedRow.model_validate(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post("/themes/lessons", response_model=LessonsOut)
async def learn_themes(
    request: Request, caller: Annotated[Caller, may("feedback:figures")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """Let the classifier learn anew from all that people decided; words that few records say are not kept."""
    async with once(request, database, caller) as deed:
        taxonomy = await read_taxonomy(deed.session, clock.today())
        classifier = await learn_anew(deed.session, taxonomy, clock.now())
        lessons = classifier.lessons
        answer = LessonsOut(
            classifier=classifier.version,
            records=lessons.records,
            words=len(lessons.words),
            themes=dict(lessons.themes),
        )
        told = {"classifier": classifier.version, "records": lessons.records, "words": len(lessons.words)}
        await record_activity(deed.session, caller, "themes.learned", "theme_classifier", classifier.version, data=told)
        return deed.answer(answer, 200)
