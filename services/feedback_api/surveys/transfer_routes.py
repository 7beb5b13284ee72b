"""The route of the transfer of learning from a course."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.feedback_api.surveys.counting import items_of
from services.feedback_api.surveys.errors import NoEarlierPart
from services.feedback_api.surveys.protection import WHOLE
from services.feedback_api.surveys.result_routes import is_protected, tell_wave
from services.feedback_api.surveys.transfer import TransferOut, read_steps, transfer_row
from services.feedback_api.surveys.wave_queries import find_own_wave
from services.feedback_api.surveys.wave_schemas import status_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute
from shared.suppression import is_small

router = APIRouter(prefix="/v1/survey-waves/{wave_id}", tags=["surveys"], route_class=StrictRoute)


@router.get("/transfer", response_model=TransferOut)
async def get_learning_transfer(
    wave_id: UUID,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """What people answered some months after a course beside what the same people answered at its end."""
    async with database.snapshot() as session:
        held = await find_own_wave(session, caller, wave_id)
        if held.wave["follows"] is None:
            raise NoEarlierPart()
        first = await find_own_wave(session, caller, held.wave["follows"])
        threshold = settings.small_number_threshold if is_protected(held, caller) else None
        asked_before = {item.asked for item in items_of(first)}
        items = [item for item in items_of(held) if item.scale and item.asked in asked_before]
        told = await tell_wave(session, held, threshold)
        pairs, steps = await read_steps(session, first.id, held.id, items)
    running = threshold is not None and status_of(held.wave, clock.today()) in ("planned", "open")
    few = threshold is not None and is_small(pairs, threshold)
    responses = None if WHOLE in told.hidden else told.responses.get(WHOLE, 0)
    answer = TransferOut(
        wave=held.id,
        follows=first.id,
        months=held.wave["month"],
        course=held.wave["course"],
        agency=held.wave["agency"],
        protected=threshold is not None,
        withheld="open" if running else None,
        responses=responses,
        pairs=None if few or running else pairs,
        questions=[]
        if running
        else [transfer_row(item, steps.get((item.asked.question, item.asked.item), {}), threshold) for item in items],
    )
    return Response(answer.model_dump_json(), media_type="application/json")
