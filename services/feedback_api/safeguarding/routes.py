"""The duty queue over HTTP: what waits, what was said, who took it on, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import SubjectKind, read_policy
from services.feedback_api.references import units_in_view
from services.feedback_api.safeguarding import figures, queries, service
from services.feedback_api.safeguarding.rendering import flag_out, flag_row
from services.feedback_api.safeguarding.schemas import FlagFigures, FlagOut, FlagOutcomeIn, FlagReasonIn, FlagRow
from services.feedback_api.subject_readers import read_subject
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import Found, screen
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code, LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/safeguarding-flags", tags=["safeguarding"], route_class=StrictRoute)
Duty = Annotated[Caller, may("feedback:duty")]
Seen = Annotated[IfMatch, if_match()]


@router.get("", response_model=Page[FlagRow])
async def list_safeguarding_flags(
    request: Request,
    caller: Duty,
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(int, str, str)],
    status: Annotated[
        Literal["open", "waiting", "acknowledged", "decided", "all"], Query(description="`open`: not decided yet")
    ] = "open",
    overdue: Annotated[bool | None, Query(description="past the time to acknowledge or to decide")] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below")] = None,
    subject_kind: SubjectKind | None = None,
) -> Response:
    """The queue, without anyone's words: those nobody has acknowledged first, among them the oldest."""
    now, filters = clock.now(), queries.Filters(status, overdue, unit, subject_kind)
    async with database.snapshot() as session:
        policy = await read_policy(session)
        rows = await queries.list_flags(session, caller, filters, at, now)
    page, following = cut_page(rows, at, lambda row: (row.rank, row.told_at.isoformat(), str(row.id)))
    answer = Page[FlagRow](items=[flag_row(row._asdict(), policy, now) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/figures", response_model=FlagFigures)
async def count_safeguarding_flags(
    caller: Duty,
    database: DatabaseOf,
    first: Annotated[LocalDate, Query(alias="from", description="raised on or after", examples=["2026-10-01"])],
    last: Annotated[LocalDate, Query(alias="to", description="raised on or before", examples=["2026-12-31"])],
    unit: Annotated[Code | None, Query(description="this unit and those below")] = None,
) -> Response:
    """How many flags were raised in these days, how soon each was acknowledged, and what came of them."""
    async with database.snapshot() as session:
        units = await units_in_view(session, caller, unit)
        answer = await figures.count_flags(session, first, last, units)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/{flag_id}", response_model=FlagOut)
async def get_safeguarding_flag(flag_id: UUID, caller: Duty, database: DatabaseOf, clock: ClockOf) -> Response:
    """One flag with the words and the way to the person who gave them; that it was read is logged."""
    async with database.transaction() as session:
        answer = await _read(session, caller, flag_id, clock)
        await record_read(session, caller, "get_safeguarding_flag", "safeguarding_flag", flag_id)
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/{flag_id}/acknowledgements", response_model=FlagOut, status_code=200)
async def acknowledge_safeguarding_flag(
    request: Request, flag_id: UUID, caller: Duty, database: DatabaseOf, clock: ClockOf, match: Seen
) -> Response:
    """Take a flag on, or over from a colleague; from now on its outcome is due."""
    async with once(request, database, caller) as deed:
        await service.acknowledge(deed.session, caller, flag_id, match, clock.now())
        answer = await _read(deed.session, caller, flag_id, clock)
        return deed.answer(answer, 200, {"ETag": version_etag(answer.version)}, ("safeguarding_flag", str(flag_id)))


@router.post("/{flag_id}/outcomes", response_model=FlagOut, status_code=200)
async def decide_safeguarding_flag(
    request: Request,
    flag_id: UUID,
    body: FlagOutcomeIn,
    caller: Duty,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Seen,
) -> Response:
    """Record what was done about it, and why; only this takes a flag out of the queue."""
    found = screen({"/note": body.note}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.decide(deed.session, caller, flag_id, body, match, clock.now())
        answer = await _read(deed.session, caller, flag_id, clock, found)
        return deed.answer(answer, 200, {"ETag": version_etag(answer.version)}, ("safeguarding_flag", str(flag_id)))


@router.post("/{flag_id}/reopenings", response_model=FlagOut, status_code=200)
async def reopen_safeguarding_flag(
    request: Request,
    flag_id: UUID,
    body: FlagReasonIn,
    caller: Duty,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Seen,
) -> Response:
    """Put a decided flag back into the queue, where it waits as a new one does."""
    found = screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.reopen(deed.session, caller, flag_id, body.reason, match, clock.now())
        answer = await _read(deed.session, caller, flag_id, clock, found)
        return deed.answer(answer, 200, {"ETag": version_etag(answer.version)}, ("safeguarding_flag", str(flag_id)))


async def _read(
    session: AsyncSession, caller: Caller, flag_id: UUID, clock: Clock, found: list[Found] | None = None
) -> FlagOut:
    flag = await queries.find_flag(session, caller, flag_id)
    subject = await read_subject(session, flag["subject_kind"], flag["subject_ref"])
    events = await queries.read_events(session, flag_id)
    return flag_out(flag, subject, events, await read_policy(session), clock.now(), found or ())
