"""Drawing cases: for one slot, for all free slots of a round, or several of a unit, all or nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.selection.drawing import SEED
from services.audit_api.selection.errors import NoEligibleCase, NothingToDraw, SeedUnusable
from services.audit_api.selection.places import Place, places_of
from services.audit_api.selection.planning import OF_A_SLOT, make_plan, staff_for
from services.audit_api.selection.schemas import DrawIn
from services.audit_api.selection.store import store_draw
from services.audit_api.selection.told import NotDrawnOut
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.problems import BrokenRule, Fault

# "draw" as a number. One draw at a time: two at once would both take a free slot, or an auditor's last place.
LOCK = 0x64726177


@dataclass
class Drawn:
    """What one call has drawn."""

    seed: str
    draws: list[UUID] = field(default_factory=list)
    not_drawn: list[NotDrawnOut] = field(default_factory=list)


async def draw_cases(session: AsyncSession, caller: Caller, body: DrawIn, now: datetime) -> Drawn:
    """Draw for the places the body names; a slot of a round that can have no case is told, one by itself refused."""
    found = Drawn(_seed(body.seed))
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    today = local_date(now)
    places = await places_of(session, caller, body, today)
    staff = await staff_for(session, places, today)
    for place in places:
        try:
            plan = await make_plan(session, body, place, found.seed, staff)
        except OF_A_SLOT as problem:
            if body.round is None:
                raise
            found.not_drawn.append(_told(place, problem))
            continue
        found.draws.append(await store_draw(session, caller, body, plan, found.seed, now))
    if not found.draws:
        faults = [Fault("/round", one.reason.replace("-", "_"), f"{one.unit}: {one.detail}") for one in found.not_drawn]
        raise NothingToDraw("See errors for each slot.", errors=faults)
    return found


def _seed(given: str | None) -> str:
    if given is None:
        return secrets.token_hex(16)
    if not SEED.fullmatch(given):
        fault = Fault("/seed", "seed", "give 1 to 64 letters, digits, points, dashes or underscores")
        raise SeedUnusable("See errors.", errors=[fault])
    return given


def _told(place: Place, problem: BrokenRule) -> NotDrawnOut:
    excluded: dict[str, Any] = problem.extra.get("excluded", {})
    return NotDrawnOut(
        slot=str(place.slot),
        unit=place.unit,
        reason=problem.slug,
        detail=problem.detail or problem.title,
        excluded=excluded if isinstance(problem, NoEligibleCase) else {},
    )
