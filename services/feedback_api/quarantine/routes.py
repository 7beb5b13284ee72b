"""The routes of the quarantine: what waits, how long, and what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.parameters import CodeFilter
from services.feedback_api.quarantine import queries, service
from services.feedback_api.quarantine.schemas import (
    SCOPE,
    BacklogOut,
    ReleaseIn,
    State,
    SubmissionMergeIn,
    SubmissionOut,
    SubmissionReasonIn,
    SubmissionRow,
)
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.database import Database
from shared.etags import IfMatch, as_seen, if_match, version_etag
from shared.idempotency import once
from shared.keyset import place_of
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/public-submissions", tags=["quarantine"], route_class=StrictRoute)
Keeper = Annotated[Caller, may(SCOPE)]
Row = dict[str, Any]


@router.get("", response_model=Page[SubmissionRow])
async def list_public_submissions(
    request: Request,
    caller: Keeper,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    state: Annotated[State | None, Query()] = None,
    unit: Annotated[CodeFilter, Field(description="this unit and those below")] = None,
    flagged: Annotated[bool | None, Query(description="only those somebody should read at once")] = None,
    overdue: Annotated[bool | None, Query(description="only those that have waited too long")] = None,
) -> Response:
    """What people sent without a login, newest first, without their words."""
    filters = queries.Filters(state, unit, flagged, overdue)
    async with database.snapshot() as session:
        rows = await queries.list_rows(session, caller, filters, clock.today(), at)
    page, following = cut_page(rows, at, lambda row: place_of(row["received_on"], row["id"]))
    items = [queries.row_out(row, clock.today()) for row in page]
    answer = Page[SubmissionRow](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/backlog", response_model=BacklogOut)
async def get_quarantine_backlog(
    caller: Keeper, database: DatabaseOf, clock: ClockOf, unit: CodeFilter = None
) -> Response:
    """How much waits, how long it has, and how much of it is overdue: a flagged one after a day, others after five."""
    async with database.snapshot() as session:
        counts = await queries.count_backlog(session, caller, unit, clock.today())
    return Response(BacklogOut(**counts, as_at=clock.now()).model_dump_json(), media_type="application/json")


@router.get("/{submission_id}", response_model=SubmissionOut)
async def get_public_submission(
    request: Request, submission_id: UUID, caller: Keeper, database: DatabaseOf, clock: ClockOf
) -> Response:
    """One submission with its words; that it was read is logged."""
    async with database.transaction() as session:
        row = await queries.find(session, caller, submission_id)
        await record_read(session, caller, "get_public_submission", "public_submission", submission_id)
    return as_seen(request, row["version"], SubmissionOut.of(queries.as_read(row, clock.today()), caller))


@router.post("/{submission_id}/releases", response_model=SubmissionOut)
async def release_submission(
    request: Request,
    submission_id: UUID,
    body: ReleaseIn,
    caller: Keeper,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Make a view of it. The words may be redacted; the person's consent may be narrowed and never widened."""

    async def step(session: AsyncSession, row: Row) -> Row:
        mode = settings.free_text_identifiers
        return await service.release(session, caller, row, body, mode, clock.now())

    return await _do(request, database, caller, clock, submission_id, match, step)


@router.post("/{submission_id}/merges", response_model=SubmissionOut)
async def merge_submission(
    request: Request,
    submission_id: UUID,
    body: SubmissionMergeIn,
    caller: Keeper,
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Count it with the submission that it repeats."""

    async def step(session: AsyncSession, row: Row) -> Row:
        return await service.merge(session, caller, row, body, clock.now())

    return await _do(request, database, caller, clock, submission_id, match, step, merges=True)


@router.post("/{submission_id}/dismissals", response_model=SubmissionOut)
async def set_submission_aside(
    request: Request,
    submission_id: UUID,
    body: SubmissionReasonIn,
    caller: Keeper,
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Make nothing of it, with the reason. It is kept, and can be taken back."""

    async def step(session: AsyncSession, row: Row) -> Row:
        return await service.set_aside(session, caller, row, body.reason, clock.now())

    return await _do(request, database, caller, clock, submission_id, match, step)


@router.post("/{submission_id}/returns", response_model=SubmissionOut)
async def return_submission(
    request: Request,
    submission_id: UUID,
    body: SubmissionReasonIn,
    caller: Keeper,
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Take back that it was merged or set aside: it waits again."""

    async def step(session: AsyncSession, row: Row) -> Row:
        return await service.take_back(session, caller, row, body.reason, clock.now())

    return await _do(request, database, caller, clock, submission_id, match, step)


async def _do(
    request: Request,
    database: Database,
    caller: Caller,
    clock: Clock,
    submission: UUID,
    match: IfMatch,
    step: Callable[[AsyncSession, Row], Awaitable[Row]],
    *,
    merges: bool = False,
) -> Response:
    """Decide on a submission once, and answer with how it stands then."""
    async with once(request, database, caller) as deed:
        if merges:
            await service.hold_merging(deed.session)
        row = await queries.find(deed.session, caller, submission, lock=True)
        match.check(row["version"])
        row = await step(deed.session, row)
        answer = SubmissionOut.of(queries.as_read(row, clock.today()), caller)
        subject = ("public_submission", str(row["id"]))
        return deed.answer(answer, 200, {"ETag": version_etag(row["version"])}, subject)
