"""The public copy of a report over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions, reading
from services.reporting_api.definitions import read_definitions
from services.reporting_api.disclosure import copy_mark, is_for_the_public, public_copy
from services.reporting_api.document import body_of, document
from services.reporting_api.publication.errors import NotForThePublic
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import not_modified
from shared.problems import NotFound
from shared.resources import DatabaseOf, SettingsOf
from shared.schemas.board_report import BoardReport
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=StrictRoute)


@router.get("/{report}/public", response_model=BoardReport)
async def get_public_report(
    request: Request,
    report: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    settings: SettingsOf,
) -> Response:
    """The copy for the public: small numbers hidden, exempt sections left out and named in `exempt` with the reason.

    Whoever works on a draft sees beforehand what the public will read.
    """
    published = await reading.fetch_published(database, request, caller, report, "public")
    if published is not None:
        return published
    async with database.snapshot() as session:
        row = await editions.read_edition(session, caller, report)
        if row is None:
            raise NotFound()
        found = await _draft(session, row, settings.small_number_threshold)
    etag = f'"{found.content_hash}"'
    if not_modified(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body_of(found), media_type="application/json", headers={"ETag": etag})


async def _draft(session: AsyncSession, row: Any, threshold: int) -> BoardReport:
    known = await read_definitions(session)
    if row.status in editions.PUBLIC or not is_for_the_public(row.boards, known.boards):
        raise NotForThePublic()
    held = await editions.read_revision(session, row)
    base = held.protected or held.content
    found = document(base, held.edits, threshold, copy=held.protected is not None)
    signed = await editions.read_signatures(session, [row.id])
    editions.with_envelope(found, row, signed.get(row.id, []))
    return public_copy(found, base["headlines"], copy_mark(row.copy_salt, row.content_hash))
