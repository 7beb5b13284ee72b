"""Audits done elsewhere, taken in as a batch."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits import imports
from services.audit_api.audits.import_schemas import ITEMS, AuditImportOut, Mode
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.batches import NDJSON, media_of, read_batch
from shared.idempotency import once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/audits/imports", tags=["audits"], route_class=StrictRoute)
MAX_BYTES = 20_000_000


@router.post("", response_model=AuditImportOut, status_code=200, openapi_extra=ITEMS)
async def import_audits(
    request: Request,
    caller: Annotated[Caller, may("audit:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    mode: Annotated[Mode, Query(description="atomic: all rows or none; partial: the good ones")] = "atomic",
    dry_run: Annotated[bool, Query(description="only report what would happen")] = False,
) -> Response:
    """Take in up to 500 whole audits done elsewhere, in JSON or NDJSON, each under every rule of a single one. A row is
    known by its `source_ref`: sent again it changes nothing; other content under the same reference is rejected."""
    raw = await read_batch(request, MAX_BYTES, NDJSON)
    rows = await asyncio.to_thread(imports.read_rows, raw, ndjson=media_of(request) == NDJSON)
    words = settings.free_text_identifiers
    async with once(request, database, caller, hashlib.sha256(raw).digest()) as deed:

        async def do(session: AsyncSession) -> AuditImportOut:
            return await imports.import_rows(session, caller, rows, mode, words, clock.now(), dry_run=dry_run)

        if not dry_run:
            return deed.answer(await do(deed.session), 200)
        async with deed.session.begin_nested() as point:
            report = await do(deed.session)
            await point.rollback()
        return deed.answer(report, 200)
