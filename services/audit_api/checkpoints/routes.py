"""The checkpoints of statutory assessments over HTTP: what each made of them, and which are missing (R40)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.audit_api.checkpoints import queries, service
from services.audit_api.checkpoints.schemas import (
    AssessmentIn,
    AssessmentOut,
    AssessmentRow,
    CheckpointIn,
    EndIn,
    Missing,
    SummaryOut,
)
from services.audit_api.parameters import span_of
from services.audit_api.reach import units_asked_for
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute
from shared.working_days import subtract_working_days

router = APIRouter(prefix="/v1/sen-assessments", tags=["sen checkpoints"], route_class=StrictRoute)
_JSON = "application/json"
Writer = Annotated[Caller, may("audit:write")]
Reader = Annotated[Caller, may("audit:read")]
Match = Annotated[IfMatch, if_match()]
Unit = Annotated[Code | None, Query(description="this unit and those below it")]


@router.post("", response_model=AssessmentOut, status_code=201)
async def add_assessment(
    request: Request, body: AssessmentIn, caller: Writer, database: DatabaseOf, clock: ClockOf
) -> Response:
    """Record that a statutory assessment began, by its pseudonymous reference."""
    async with once(request, database, caller) as deed:
        made = await service.add_assessment(deed.session, caller, body, clock.now())
        answer = await service.read_assessment(deed.session, caller, made)
        headers = {"Location": f"/v1/sen-assessments/{made}", "ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("sen_assessment", str(made)))


@router.get("", response_model=Page[AssessmentRow])
async def list_assessments(
    request: Request,
    caller: Reader,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    missing: Annotated[Missing | None, Query(description="only those that have not passed this checkpoint")] = None,
    after_working_days: Annotated[
        int | None, Query(ge=1, le=250, description="only those begun more than so many working days ago")
    ] = None,
    unit: Unit = None,
) -> Response:
    """Assessments, those begun first first, with what is missing; that the list was read is recorded."""
    before = None if after_working_days is None else subtract_working_days(clock.today(), after_working_days)
    async with database.transaction() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        rows = await queries.list_assessments(session, caller, at, missing=missing, started_before=before, units=units)
        await record_read(session, caller, "list_assessments", "sen_assessment", None)
    page, following = cut_page(rows, at, lambda row: (row.started_on.isoformat(), str(row.id)))
    answer = Page[AssessmentRow](items=[service.row_out(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/summary", response_model=SummaryOut)
async def get_checkpoint_summary(
    caller: Reader,
    database: DatabaseOf,
    period: Annotated[PeriodCode, Query(description="the month, quarter or year in which they began")],
    unit: Unit = None,
) -> Response:
    """How the assessments begun in a period stand at both checkpoints, and why they were returned."""
    span = span_of(period)
    async with database.snapshot() as session:
        units = None if unit is None else await units_asked_for(session, caller, unit)
        answer = await service.summary(session, caller, period, span, units)
    return Response(answer.model_dump_json(), media_type=_JSON)


@router.get("/{assessment_id}", response_model=AssessmentOut)
async def get_assessment(assessment_id: UUID, caller: Reader, database: DatabaseOf) -> Response:
    """One assessment with every look at it; that it was read is recorded."""
    async with database.transaction() as session:
        answer = await service.read_assessment(session, caller, assessment_id)
        await record_read(session, caller, "get_assessment", "sen_assessment", assessment_id)
    return Response(answer.model_dump_json(), media_type=_JSON, headers={"ETag": version_etag(answer.version)})


@router.post("/{assessment_id}/checkpoints", response_model=AssessmentOut, status_code=201)
async def record_checkpoint(
    request: Request,
    assessment_id: UUID,
    body: CheckpointIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Record a sign-off or a panel: agreed, or returned with reasons; nobody stands on both sides."""
    screen({"/note": body.note}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.look_at(deed.session, caller, assessment_id, body, match, clock.now())
        answer = await service.read_assessment(deed.session, caller, assessment_id)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("sen_assessment", str(assessment_id)))


@router.post("/{assessment_id}/end", response_model=AssessmentOut, status_code=201)
async def end_assessment(
    request: Request,
    assessment_id: UUID,
    body: EndIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Match,
) -> Response:
    """Record that it ended without a plan, so that no checkpoint is missing."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.end(deed.session, caller, assessment_id, body, match, clock.now())
        answer = await service.read_assessment(deed.session, caller, assessment_id)
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("sen_assessment", str(assessment_id)))
