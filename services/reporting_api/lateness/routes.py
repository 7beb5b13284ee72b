"""Saying why a report is late over HTTP; the reasons are read with the occurrence and in compliance (R70)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.reporting_api.lateness.schemas import LatenessIn
from services.reporting_api.lateness.service import explain
from services.reporting_api.occurrences import LatenessOut
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.free_text import screen
from shared.idempotency import once
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/occurrences", tags=["schedule"], route_class=StrictRoute)


@router.post("/{occurrence}/lateness", response_model=LatenessOut, status_code=201)
async def explain_lateness(
    request: Request,
    occurrence: UUID,
    body: LatenessIn,
    caller: Annotated[Caller, may("reporting:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Say why a report is late, or will be, and when to expect it; a later reason stands beside the earlier ones."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        answer = await explain(deed.session, caller, occurrence, body, clock.today())
        return deed.answer(answer, subject=("occurrence", str(occurrence)))
