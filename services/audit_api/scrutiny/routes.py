"""Reviews by others over HTTP: peer reviews, inspections, serious case reviews, and the trend of a topic (R36)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.reach import units_asked_for
from services.audit_api.scrutiny import queries, service
from services.audit_api.scrutiny.rendering import review_row
from services.audit_api.scrutiny.schemas import Direction, Kind, ReviewEdit, ReviewIn, ReviewOut, ReviewRow, TrendOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code, Reference
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/scrutiny", tags=["scrutiny"], route_class=StrictRoute)
_JSON = "application/json"
Manager = Annotated[Caller, may("audit:manage")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]


@router.post("/reviews", response_model=ReviewOut, status_code=201)
async def add_review(
    request: Request, body: ReviewIn, caller: Manager, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """Record a peer review, an inspection or a serious case review."""
    async with once(request, database, caller) as deed:
        made = await service.add_review(deed.session, caller, body, settings.free_text_identifiers, clock.now())
        answer = await service.read_review(deed.session, caller, made, clock.today())
        headers = {"Location": f"/v1/scrutiny/reviews/{made}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("scrutiny_review", str(made)))


@router.get("/reviews", response_model=Page[ReviewRow])
async def list_reviews(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    kind: Kind | None = None,
    direction: Direction | None = None,
    reference: Annotated[Reference | None, Query(description="as a thematic audit's trigger_reference has it")] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
) -> Response:
    """Reviews within the caller's reach, the latest first, each with how far its recommendations have come."""
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.list_reviews(
            session, caller, at, kind=kind, direction=direction, reference=reference, units=units
        )
        page, following = cut_page(rows, at, lambda row: place_of(row.on, row.id))
        progress = await queries.progress_of(session, [row.id for row in page], clock.today())
    answer = Page[ReviewRow](items=[review_row(row, progress.get(row.id)) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/trend", response_model=TrendOut)
async def get_scrutiny_trend(
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    topic: Annotated[Code, Query(description="a theme of the framework", examples=["information_sharing"])],
) -> Response:
    """How one topic stood in each review: whether others see it getting better, and what is still to be done."""
    async with database.snapshot() as session:
        answer = await service.trend(session, caller, topic, clock.today())
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/reviews/{review_id}", response_model=ReviewOut)
async def get_review(review_id: UUID, caller: Reader, database: DatabaseOf, clock: ClockOf) -> Response:
    """One review with its judgements, how each subject stood, and the audits it set off."""
    async with database.snapshot() as session:
        answer = await service.read_review(session, caller, review_id, clock.today())
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})


@router.put("/reviews/{review_id}", response_model=ReviewOut)
async def change_review(
    review_id: UUID,
    body: ReviewEdit,
    caller: Manager,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Say what is known by now: that it was held or published, its judgements, how each subject stood."""
    async with database.transaction() as session:
        words = settings.free_text_identifiers
        await service.change_review(session, caller, review_id, body, match, words, clock.now())
        answer = await service.read_review(session, caller, review_id, clock.today())
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})
