"""The route of a wave's results."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.parameters import CodeFilter
from services.feedback_api.surveys.counting import count_wave, items_of, previous_wave
from services.feedback_api.surveys.protection import WHOLE, Part
from services.feedback_api.surveys.result_schemas import ResultsOut
from services.feedback_api.surveys.results import results_out
from services.feedback_api.surveys.told import Told, of_group
from services.feedback_api.surveys.wave_queries import Held, find_wave
from services.feedback_api.surveys.wave_schemas import status_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed, NotFound
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/survey-waves/{wave_id}", tags=["surveys"], route_class=StrictRoute)


async def tell_wave(session: AsyncSession, held: Held, threshold: int | None) -> Told:
    """The counts of a wave with what is hidden of them."""
    items = items_of(held)
    return Told(held, items, await count_wave(session, held, items), threshold)


def is_protected(held: Held, caller: Caller) -> bool:
    """Small numbers of staff are told to nobody; those of others to who may see true figures."""
    return held.wave["of_staff"] or not caller.may("feedback:figures")


@router.get("/results", response_model=ResultsOut)
async def get_survey_results(
    wave_id: UUID,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    unit: CodeFilter = None,
    respondent_group: CodeFilter = None,
) -> Response:
    """Response rates, what was answered and how that changed since the wave before; of the whole, a group or a unit.

    Of children and families small numbers are hidden from callers without `feedback:figures`; of staff from everybody.
    Protected results are told once the wave has closed, of a group or of a unit, not of both at once.
    """
    async with database.snapshot() as session:
        held = await find_wave(session, caller, wave_id)
        protected = is_protected(held, caller)
        threshold = settings.small_number_threshold if protected else None
        part = await _part(session, held, caller, unit, respondent_group)
        told = await tell_wave(session, held, threshold)
        earlier = await previous_wave(session, held)
        before = None
        if earlier is not None:
            old = await find_wave(session, caller, earlier)
            before = await tell_wave(session, old, threshold)
    if protected and respondent_group is not None and part[0] == "unit":
        fault = Fault("/query/respondent_group", "one_at_a_time", "protected results are of a unit or of a group")
        raise Malformed("These results cannot be told; see errors.", errors=[fault])
    if respondent_group is not None and not protected:
        told, before = of_group(told, respondent_group), None if before is None else of_group(before, respondent_group)
    elif respondent_group is not None:
        part = ("group", respondent_group)
    running = status_of(held.wave, clock.today()) in ("planned", "open")
    answer = await asyncio.to_thread(results_out, told, before, part, respondent_group, running=running)
    answer.status, answer.as_at = status_of(held.wave, clock.today()), clock.now()
    return Response(answer.model_dump_json(), media_type="application/json")


async def _part(session: AsyncSession, held: Held, caller: Caller, unit: str | None, group: str | None) -> Part:
    """The unit's part that is asked for; raises NotFound for a unit of others, Malformed for a group not asked."""
    if group is not None and group not in held.wave["respondent_groups"]:
        fault = Fault("/query/respondent_group", "respondent_group", "the wave does not ask this group")
        raise Malformed("There is no such group; see errors.", errors=[fault])
    wanted = unit or held.scope
    if wanted is None:
        return WHOLE
    allowed = await visible_units(session, caller)
    if wanted not in held.units or (allowed is not None and wanted not in allowed):
        raise NotFound()
    return WHOLE if wanted == held.wave["unit"] else ("unit", wanted)
