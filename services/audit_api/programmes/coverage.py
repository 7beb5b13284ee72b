"""How far rounds have come: never green while a team that was not excused is missing or late (R21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.programmes.counting import Services, count, services_of
from services.audit_api.programmes.due import check_kind, due_of
from services.audit_api.programmes.errors import PeriodNotOfProgramme
from services.audit_api.programmes.queries import (
    RoundWithSlots,
    of_period,
    read_round,
    read_rounds,
    rounds,
    state_of,
    undone,
)
from services.audit_api.programmes.service import programme_of
from services.audit_api.reach import oversees
from services.audit_api.regular_rounds import Lives, periods_between, slots_in_force, unit_lives
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.framework.store import read_item
from shared.organisation.units import visible_units
from shared.problems import Fault, NotFound
from shared.schemas.audit_summary import CoverageOut, SlotOut
from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.periods import Period
from shared.tables import org_unit


@dataclass(frozen=True)
class Viewer:
    """Who looks, what is within reach, and when: asked for once however many periods are looked at."""

    caller: Caller
    allowed: frozenset[str] | None
    services: Services
    lives: Lives
    now: datetime

    @classmethod
    async def of(cls, session: AsyncSession, caller: Caller, now: datetime) -> Viewer:
        allowed = await visible_units(session, caller)
        return cls(caller, allowed, await services_of(session), await unit_lives(session), now)

    def oversees(self, unit: str) -> bool:
        """Whether the caller is told of audits that this unit is not told of."""
        return oversees(self.caller, self.allowed, unit)


_MOST = 60
_NONE = "No team that this caller may see has a slot in that period."


async def coverage(session: AsyncSession, caller: Caller, code: str, period: Period, now: datetime) -> CoverageOut:
    """The coverage of a period's round; one that was never made is told as what it should have been."""
    wanted = sa.and_(rounds.c.programme == code, rounds.c.period == period.code, rounds.c.regular)
    viewer = await Viewer.of(session, caller, now)
    if found := await read_round(session, caller, wanted):
        return of_round(viewer, found)
    content = await read_item(session, "programmes", code)
    if content is None:
        raise NotFound()
    programme = programme_of(content)
    if programme.cadence == "as_decided":
        detail = (
            "its rounds are made as decided: list them, and read the coverage of each (GET /v1/rounds/{id}/coverage)"
        )
        fault = Fault("/query/programme", "cadence", detail)
        raise PeriodNotOfProgramme("The programme has no one round of a period.", errors=[fault])
    due_of(programme, period, local_date(now))
    if (await session.execute(sa.select(rounds.c.id).where(wanted))).first():
        raise NotFound(_NONE)
    told = await never_made(session, viewer, programme, period)
    if told is None:
        raise NotFound(_NONE)
    return told


async def coverage_between(
    session: AsyncSession, caller: Caller, code: str, first: Period, last: Period, now: datetime
) -> list[CoverageOut]:
    """The coverage of each period from one to another that has a slot within reach."""
    content = await read_item(session, "programmes", code)
    programme = None if content is None else programme_of(content)
    if programme is not None:
        check_kind(programme, first, "from")
        check_kind(programme, last, "to")
    periods = _span(first, last)
    made = of_period(code, periods[0].start, periods[-1].start)
    found = {one.round.period: one for one in await read_rounds(session, caller, made)}
    there = set((await session.execute(sa.select(rounds.c.period).where(made))).scalars())
    viewer = await Viewer.of(session, caller, now)
    told: list[CoverageOut | None] = []
    for period in periods:
        if one := found.get(period.code):
            told.append(of_round(viewer, one))
        elif programme is not None and period.code not in there:
            told.append(await never_made(session, viewer, programme, period))
    shown = [one for one in told if one is not None]
    if not shown:
        raise NotFound(_NONE)
    return shown


def _span(first: Period, last: Period) -> list[Period]:
    if first.kind is not last.kind or last < first:
        fault = Fault("/query/to", "before_from", "give a period of the same kind that is not before `from`")
        raise PeriodNotOfProgramme("The periods do not make a span.", errors=[fault])
    found = list(periods_between(first, last))
    if len(found) > _MOST:
        fault = Fault("/query/to", "too_many", f"ask for {_MOST} periods at most")
        raise PeriodNotOfProgramme("That is too many periods at once.", errors=[fault])
    return found


def of_round(viewer: Viewer, found: RoundWithSlots) -> CoverageOut:
    """The coverage of a round as it was made."""
    made, today = found.round, local_date(viewer.now)
    slots = [
        SlotOut(
            slot=str(row.id),
            unit=row.unit,
            unit_name=row.unit_name,
            state=state_of(row, made.due_on, made.missed_after, today),
            audit=None if row.audit_id is None else str(row.audit_id),
            submitted_on=row.submitted_on,
            void_reason=row.void_reason,
            voided_by=row.voided_by,
        )
        for row in found.slots
    ]
    return count(
        slots, viewer.services, viewer.now, begun=any(row.audit_id is not None for row in found.slots),
        withheld=not made.announced and not all(viewer.oversees(row.unit) for row in found.slots),
        programme=made.programme, title=made.title, period=made.period,
        round=str(made.id), due_on=made.due_on, missed_after=made.missed_after,
    )  # fmt: skip


async def never_made(session: AsyncSession, viewer: Viewer, programme: Programme, period: Period) -> CoverageOut | None:
    """What the round would be if it were made now; None where no team within reach would have a slot."""
    today = local_date(viewer.now)
    due = due_of(programme, period, today)
    codes = [
        place.unit
        for place in slots_in_force(programme, due.starts_on, viewer.lives)
        if (viewer.allowed is None or place.unit in viewer.allowed)
        and (programme.announced or viewer.oversees(place.unit))
    ]
    if not codes:
        return None
    slots = [
        SlotOut(unit=unit.code, unit_name=unit.name, state=undone(due.due_on, due.missed_after, today))
        for unit in await _named(session, codes)
    ]
    return count(
        slots, viewer.services, viewer.now, begun=False, withheld=False, programme=programme.code,
        title=programme.title, period=period.code, round=None, due_on=due.due_on, missed_after=due.missed_after,
    )  # fmt: skip


async def _named(session: AsyncSession, codes: Sequence[str]) -> Sequence[Any]:
    statement = sa.select(org_unit.c.code, org_unit.c.name).where(org_unit.c.code.in_(codes))
    return (await session.execute(statement.order_by(org_unit.c.code))).all()
