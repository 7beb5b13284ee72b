"""Sharing over HTTP: words put forward, redacted, approved, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.sharing import queries, service
from services.feedback_api.sharing.rendering import quotation_out
from services.feedback_api.sharing.schemas import (
    ApprovalIn,
    QuotationIn,
    QuotationOut,
    QuotationReasonIn,
    QuotationRow,
    RedactionIn,
    Status,
    SubjectKind,
)
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import IfMatch, if_match, version_etag
from shared.free_text import screen
from shared.idempotency import Deed, once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/quotations", tags=["sharing"], route_class=StrictRoute)
Writer = Annotated[Caller, may("feedback:write")]
Sharer = Annotated[Caller, may("feedback:share")]
Seen = Annotated[IfMatch, if_match()]


@router.post("", response_model=QuotationOut, status_code=201)
async def put_words_forward(
    request: Request, body: QuotationIn, caller: Writer, database: DatabaseOf, clock: ClockOf
) -> Response:
    """Put words of a record forward to be shared; nobody reads them before another person has approved them."""
    async with once(request, database, caller) as deed:
        row = await service.propose(deed.session, caller, body, clock.now())
        return await _answer(deed, caller, row, 201)


@router.get("", response_model=Page[QuotationRow])
async def list_quotations(
    request: Request,
    caller: Writer,
    database: DatabaseOf,
    at: Annotated[Cursor, cursor(str, str)],
    status: Annotated[Status | None, Query(description="`proposed` are those that wait to be approved")] = None,
    unit: Annotated[Code | None, Query(description="this unit and those below")] = None,
    subject_kind: SubjectKind | None = None,
) -> Response:
    """The quotations this caller may redact or approve, the longest waiting first, without their words."""
    async with database.snapshot() as session:
        rows = await queries.list_quotations(session, caller, at, status=status, unit=unit, subject_kind=subject_kind)
    page, following = cut_page(rows, at, lambda row: (row.proposed_at.isoformat(), str(row.id)))
    answer = Page[QuotationRow](items=[QuotationRow.model_validate(row) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{quotation_id}", response_model=QuotationOut)
async def get_quotation(quotation_id: UUID, caller: Writer, database: DatabaseOf) -> Response:
    """One quotation with its words and what was left out of them; that it was read is logged."""
    async with database.transaction() as session:
        row = await service.find_quotation(session, caller, quotation_id)
        answer = await _out(session, caller, row)
        await record_read(session, caller, "get_quotation", "quotation", quotation_id)
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.patch("/{quotation_id}", response_model=QuotationOut)
async def redact_quotation(
    quotation_id: UUID, body: RedactionIn, caller: Writer, database: DatabaseOf, clock: ClockOf, match: Seen
) -> Response:
    """Write the words anew: parts may be left out, and what is put in stands in [brackets]."""
    async with database.transaction() as session:
        row = await service.redact(session, caller, quotation_id, body, match, clock.now())
        answer = await _out(session, caller, row)
    headers = {"ETag": version_etag(answer.version)}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/{quotation_id}/approvals", response_model=QuotationOut, status_code=200)
async def approve_quotation(
    request: Request,
    quotation_id: UUID,
    body: ApprovalIn,
    caller: Sharer,
    database: DatabaseOf,
    clock: ClockOf,
    match: Seen,
) -> Response:
    """Let an audience read the words; by two people's rule never for whoever wrote them."""
    async with once(request, database, caller) as deed:
        row = await service.approve(deed.session, caller, quotation_id, body, match, clock.now())
        return await _answer(deed, caller, row)


@router.post("/{quotation_id}/refusals", response_model=QuotationOut, status_code=200)
async def refuse_quotation(
    request: Request,
    quotation_id: UUID,
    body: QuotationReasonIn,
    caller: Sharer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Seen,
) -> Response:
    """Say why the words are not to be shared."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.refuse(deed.session, caller, quotation_id, body.reason, match, clock.now())
        return await _answer(deed, caller, row)


@router.post("/{quotation_id}/withdrawals", response_model=QuotationOut, status_code=200)
async def withdraw_quotation(
    request: Request,
    quotation_id: UUID,
    body: QuotationReasonIn,
    caller: Sharer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Seen,
) -> Response:
    """Take the words back: later readings have them no more, while reports that were published stay as they are."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        row = await service.withdraw(deed.session, caller, quotation_id, body.reason, match, clock.now())
        return await _answer(deed, caller, row)


async def _answer(deed: Deed, caller: Caller, row: Mapping[str, Any], status: int = 200) -> Response:
    answer = await _out(deed.session, caller, row)
    headers = {"ETag": version_etag(answer.version), "Location": f"/v1/quotations/{answer.id}"}
    return deed.answer(answer, status, headers, subject=("quotation", str(answer.id)))


async def _out(session: AsyncSession, caller: Caller, row: Mapping[str, Any]) -> QuotationOut:
    held_up = row["status"] in ("proposed", "approved") and await service.is_held_up(session, row)
    events = await queries.read_events(session, row["id"])
    return quotation_out(row, events, caller, await service.read_rules(session), held_up=held_up)
