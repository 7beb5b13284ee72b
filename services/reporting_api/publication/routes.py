"""The public copy of a report over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.reporting_api import copies, reading
from services.reporting_api.document import body_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import not_modified
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
        row = await copies.find_edition(session, caller, report)
        found = await copies.read_copy(session, row, "public", settings.small_number_threshold)
    etag = f'"{found.content_hash}"'
    if not_modified(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body_of(found), media_type="application/json", headers={"ETag": etag})
