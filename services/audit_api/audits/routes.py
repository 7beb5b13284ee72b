"""Allocating, answering, submitting and reading audits."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic_core import to_json

from services.audit_api.audits import drafts, queries, service
from services.audit_api.audits.answering import answer_begun, read_whole
from services.audit_api.audits.rendering import AuditOut, AuditRow, audit_row
from services.audit_api.audits.schemas import AnswersEdit, AuditIn, Status
from services.audit_api.parameters import span_of
from services.audit_api.reach import units_asked_for
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, as_seen, if_match, version_etag
from shared.idempotency import once, once_written
from shared.openapi import IDEMPOTENCY_HEADER
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/audits", tags=["audits"], route_class=StrictRoute)
_JSON = "application/json"
_KEYED = {"parameters": [IDEMPOTENCY_HEADER]}


@router.post("", response_model=AuditOut, status_code=201)
async def add_audit(
    request: Request,
    body: AuditIn,
    caller: Annotated[Caller, may("audit:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Allocate an audit to a slot or by itself; with `submit` a whole audit goes in at once."""
    async with once_written(request, database, caller) as posting:
        now = clock.now()
        begun = await service.add_audit(posting.work, caller, body, settings.free_text_identifiers, now)
        answer = await answer_begun(posting.work, caller, begun, now)
        headers = {"Location": f"/v1/audits/{answer['id']}", "ETag": version_etag(answer["version"])}
        return posting.answer(to_json(answer), headers=headers, subject=("audit", answer["id"]))


@router.get("", response_model=Page[AuditRow])
async def list_audits(
    request: Request,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str)],
    unit: Annotated[Code | None, Query(description="this unit and those below it")] = None,
    period: Annotated[PeriodCode | None, Query(description="the month, quarter or year it counts for")] = None,
    status: Annotated[list[Status], Query(max_length=7, description="one or several")] = [],  # noqa: B006
    tool: Annotated[Code | None, Query()] = None,
    programme: Annotated[Code | None, Query()] = None,
) -> Response:
    """Audits within the caller's reach, newest first, without anything of the cases."""
    async with database.snapshot() as session:
        rows = await queries.list_audits(
            session,
            caller,
            at,
            units=None if unit is None else await units_asked_for(session, caller, unit),
            between=None if period is None else span_of(period),
            statuses=status,
            tool=tool,
            programme=programme,
        )
    page, following = cut_page(rows, at, lambda row: (str(row.id),))
    answer = Page[AuditRow](items=[audit_row(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type=_JSON, headers=link_header(request, following))


@router.get("/{audit_id}", response_model=AuditOut)
async def get_audit(
    request: Request,
    audit_id: UUID,
    caller: Annotated[Caller, may("audit:read")],
    database: DatabaseOf,
    clock: ClockOf,
) -> Response:
    """One audit, whole; that it was read is recorded."""
    async with database.transaction() as session:
        answer = await read_whole(session, caller, audit_id, clock.now())
        await record_read(session, caller, "get_audit", "audit", audit_id)
    return as_seen(request, answer.version, answer)


@router.put("/{audit_id}/answers", response_model=AuditOut, openapi_extra=_KEYED)
async def save_answers(
    request: Request,
    audit_id: UUID,
    body: AnswersEdit,
    caller: Annotated[Caller, may("audit:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Save a draft in part: answers and views merge, findings and participants are replaced when sent.

    Where somebody saved since, a 412 names the questions and parts that changed: read, merge, and send again."""
    async with once(request, database, caller) as deed:
        words = settings.free_text_identifiers
        await drafts.save_answers(deed.session, caller, audit_id, body, match, words, clock.now())
        answer = await read_whole(deed.session, caller, audit_id, clock.now())
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, 200, headers, subject=("audit", str(audit_id)))


@router.post("/{audit_id}/submissions", response_model=AuditOut, status_code=201)
async def submit_audit(
    request: Request,
    audit_id: UUID,
    caller: Annotated[Caller, may("audit:write")],
    database: DatabaseOf,
    clock: ClockOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Submit a draft; refused with all that is missing until it is whole."""
    async with once(request, database, caller) as deed:
        await drafts.submit_audit(deed.session, caller, audit_id, match, clock.now())
        answer = await read_whole(deed.session, caller, audit_id, clock.now())
        headers = {"ETag": version_etag(answer.version)}
        return deed.answer(answer, headers=headers, subject=("audit", str(audit_id)))
