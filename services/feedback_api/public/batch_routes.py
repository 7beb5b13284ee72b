"""The routes of batches of tokens: issue, list, read and revoke."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.parameters import CodeFilter
from services.feedback_api.public import batches
from services.feedback_api.public.schemas import BatchIn, BatchOut, IssuedOut, RevocationIn
from services.feedback_api.tokens import issue
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import Clock, local_date
from shared.etags import IfMatch, if_match, version_etag
from shared.idempotency import once
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.settings import Settings
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/token-batches", tags=["public"], route_class=StrictRoute)
Writer = Annotated[Caller, may("feedback:write")]


async def _out(
    session: AsyncSession, rows: list[dict[str, Any]], caller: Caller, settings: Settings, clock: Clock
) -> list[BatchOut]:
    now = clock.now()
    used = await batches.used_before(session, [row["id"] for row in rows], local_date(now))
    threshold = settings.small_number_threshold
    return [BatchOut.of(row, used.get(row["id"], 0), threshold, now, caller) for row in rows]


@router.post("", response_model=IssuedOut, status_code=201)
async def issue_tokens(
    request: Request,
    body: BatchIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Issue tokens, each good once for one view. They are told in this answer and kept nowhere.

    Give them out so that nobody notes who had which; what is sent with one cannot be traced to it afterwards.
    """
    terms = batches.terms_of(body, settings.small_number_threshold, clock.now())
    async with once(request, database, caller) as deed:
        made = await issue(deed.session, caller, terms, body.count, clock.now())
        row = await batches.find_batch(deed.session, caller, made.batch_id)
        (batch,) = await _out(deed.session, [row], caller, settings, clock)
        headers = {"ETag": version_etag(1), "Location": f"/v1/token-batches/{made.batch_id}"}
        # What is kept for a repetition is the batch alone.
        kept = deed.answer(IssuedOut(**batch.model_dump(), tokens=[]), 201, headers)
    answer = IssuedOut(**batch.model_dump(), tokens=made.secrets).model_dump_json()
    told = {name: kept.headers[name] for name in headers} | {"Cache-Control": "no-store"}
    return Response(answer, 201, told, "application/json")


@router.get("", response_model=Page[BatchOut])
async def list_token_batches(
    request: Request,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    at: Annotated[Cursor, cursor(str, str)],
    unit: CodeFilter = None,
) -> Response:
    """The batches of the caller's units, newest first. How many were used is told in steps and a day late."""
    async with database.snapshot() as session:
        rows = await batches.list_rows(session, caller, unit, at)
        page, following = cut_page(rows, at, lambda row: (row.issued_at.isoformat(), str(row.id)))
        items = await _out(session, [dict(row._mapping) for row in page], caller, settings, clock)
    answer = Page[BatchOut](items=items, next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.get("/{batch_id}", response_model=BatchOut)
async def get_token_batch(
    batch_id: UUID, caller: Writer, database: DatabaseOf, clock: ClockOf, settings: SettingsOf
) -> Response:
    """One batch, without its tokens."""
    async with database.snapshot() as session:
        row = await batches.find_batch(session, caller, batch_id)
        (answer,) = await _out(session, [row], caller, settings, clock)
    headers = {"ETag": version_etag(row["version"])}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/{batch_id}/revocations", response_model=BatchOut, status_code=200)
async def revoke_tokens(
    request: Request,
    batch_id: UUID,
    body: RevocationIn,
    caller: Writer,
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    match: Annotated[IfMatch, if_match()],
) -> Response:
    """Make the tokens of a batch that were not used yet good for nothing."""
    async with once(request, database, caller) as deed:
        row = await batches.find_batch(deed.session, caller, batch_id, lock=True)
        match.check(row["version"])
        row = await batches.revoke(deed.session, caller, row, body.reason, clock.now())
        (answer,) = await _out(deed.session, [row], caller, settings, clock)
        return deed.answer(answer, 200, {"ETag": version_etag(row["version"])})
