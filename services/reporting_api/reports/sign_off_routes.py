"""Where an edition is on its way, over HTTP, for those who work on reports."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.reporting_api import editions
from services.reporting_api.reports.sign_off import read_sign_off
from services.reporting_api.reports.sign_off_schemas import SignOffOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.auth.roles import roles_with
from shared.etags import version_etag
from shared.problems import NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/reports", tags=["sign-off"], route_class=StrictRoute)


@router.get("/{report}/sign-off", response_model=SignOffOut)
async def get_sign_off(
    report: UUID,
    caller: Annotated[Caller, may("reporting:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """The chain with who may act now by role and by delegation, every gate, and each step so far with its reason.

    For those who write, sign or publish; a board's member sees the signatures in the report itself.
    """
    grants = partial(roles_with, settings.roles_file)
    async with database.snapshot() as session:
        row = await editions.read_edition(session, caller, report)
        if row is None or not editions.works_on_drafts(caller):
            raise NotFound()
        found = await read_sign_off(session, caller, row, grants, clock.today(), settings.small_number_threshold)
    headers = {"ETag": version_etag(found.version)}
    return Response(found.model_dump_json(), media_type="application/json", headers=headers)
