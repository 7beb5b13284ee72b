"""The routes by which a logged-in recorder passes answers on, one or thousands at a time."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.surveys import response_imports as imports
from services.feedback_api.surveys import response_service as service
from services.feedback_api.surveys.response_schemas import ReceiptOut, ResponsesImportOut, SurveyResponseIn
from services.feedback_api.surveys.wave_queries import find_wave
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.batches import batch_body, read_batch
from shared.idempotency import once
from shared.organisation.units import visible_units
from shared.problems import Malformed
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/survey-waves/{wave_id}/responses", tags=["surveys"], route_class=StrictRoute)
MAX_BYTES = 20_000_000
_ITEMS = batch_body(SurveyResponseIn, imports.MAX_ITEMS)


@router.post(
    "",
    response_model=ReceiptOut,
    status_code=201,
    responses={200: {"model": ReceiptOut, "description": "The source's reference is known: nothing was changed."}},
)
async def record_survey_response(
    request: Request,
    wave_id: UUID,
    body: SurveyResponseIn,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Record one respondent's answers while the wave is open. Kept are unit, group, age band, language and day."""
    async with once(request, database, caller) as deed:
        held = await find_wave(deed.session, caller, wave_id, "share")
        service.require_open(held, clock.today())
        allowed = await visible_units(deed.session, caller)
        given = service.judge(held, body, clock.today(), allowed, settings.free_text_identifiers)
        if given.faults:
            raise Malformed("The answers cannot be so; see errors.", errors=given.faults[:100])
        (state,) = await service.store(deed.session, held, [given], clock.now())
        if state == "created":
            await service.note_taken(deed.session, caller, held, 1)
        receipt = ReceiptOut(status=state, safeguarding_flag=bool(given.reasons), warnings=given.warnings)
        return deed.answer(receipt, 201 if state == "created" else 200, subject=("survey_wave", str(wave_id)))


@router.post("/imports", response_model=ResponsesImportOut, status_code=200, openapi_extra=_ITEMS)
async def import_survey_responses(
    request: Request,
    wave_id: UUID,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    mode: Annotated[
        Literal["atomic", "partial"], Query(description="one bad row refuses all, or only itself")
    ] = "atomic",
    dry_run: Annotated[bool, Query(description="only tell what would happen")] = False,
) -> Response:
    """Record up to 10,000 respondents' answers at once; rows with a `source_ref` can be sent again."""
    raw = await read_batch(request, MAX_BYTES)
    rows = await asyncio.to_thread(imports.read_rows, raw)
    async with once(request, database, caller, hashlib.sha256(raw).digest()) as deed:
        held = await find_wave(deed.session, caller, wave_id, "share")
        service.require_open(held, clock.today())
        allowed = await visible_units(deed.session, caller)
        imports.judge_rows(held, rows, clock.today(), allowed, settings.free_text_identifiers)

        async def do(session: AsyncSession) -> ResponsesImportOut:
            return await imports.import_rows(session, caller, held, rows, mode, clock.now(), dry_run=dry_run)

        if not dry_run:
            return deed.answer(await do(deed.session), 200)
        async with deed.session.begin_nested() as point:
            report = await do(deed.session)
            await point.rollback()
        return deed.answer(report, 200)
