"""Making rounds: one for each period of a regular programme (R21, R22), or one when somebody decides so (R07, R34)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.programmes.due import due_of
from services.audit_api.programmes.errors import (
    NoSlotsInForce,
    ParticularsNeeded,
    RoundOfProgramme,
    WholeProgrammeNeeded,
)
from services.audit_api.programmes.queries import RoundWithSlots, of_period, read_round, rounds, slots
from services.audit_api.programmes.schemas import RoundIn
from services.audit_api.programmes.service import programme_of
from services.audit_api.reach import oversees, require_above
from services.audit_api.regular_rounds import Due, Lives, slots_in_force, unit_lives
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.framework.store import read_item
from shared.ids import new_id
from shared.organisation.units import check_unit, visible_units
from shared.problems import Fault, Forbidden, Malformed, NotFound
from shared.schemas.framework.audit import REVIEWS
from shared.schemas.framework.audit_programmes import Programme, Slot
from shared.schemas.periods import Period

_PARTICULARS = ("trigger", "trigger_reference", "observation_setting", "sample_kind")
_NEEDED = {"thematic": "trigger", "observation": "observation_setting", "sample": "sample_kind"}


@dataclass(frozen=True)
class Plan:
    """A round about to be made."""

    programme: Programme
    period: Period
    due: Due
    places: Sequence[Slot]
    title: str
    announced: bool
    particulars: Mapping[str, str | None]


async def make_round(
    session: AsyncSession, caller: Caller, code: str, period: Period, body: RoundIn, now: datetime
) -> tuple[RoundWithSlots, bool]:
    """The round and whether it was made now; a regular one asked for again is found as it was made."""
    content = await read_item(session, "programmes", code)
    programme = None if content is None else programme_of(content)
    instigates = programme is not None and bool(caller.roles.intersection(programme.instigators))
    if not caller.may("audit:manage") and not instigates:
        raise Forbidden("Making a round of this programme needs the scope audit:manage.", needed_scope="audit:manage")
    if programme is not None and programme.cadence == "as_decided":
        return await _decided(session, caller, programme, period, body, now), True
    return await _regular(session, caller, code, programme, period, body, now)


async def _regular(
    session: AsyncSession,
    caller: Caller,
    code: str,
    programme: Programme | None,
    period: Period,
    body: RoundIn,
    now: datetime,
) -> tuple[RoundWithSlots, bool]:
    _check_regular(programme, body)
    wanted = sa.and_(rounds.c.period == period.code, rounds.c.programme == code, rounds.c.regular)
    if found := await read_round(session, caller, wanted):
        return found, False
    if programme is None:
        raise NotFound()
    plan = regular_plan(programme, period, await unit_lives(session), local_date(now))
    if not plan.places:
        raise NoSlotsInForce("Check the dates of the programme's slots and of their units.")
    allowed = await visible_units(session, caller)
    for place in plan.places:
        within = allowed is None or place.unit in allowed
        # Whoever is in an unannounced programme cannot learn by asking whether its round has been made.
        if not within or not (plan.announced or oversees(caller, allowed, place.unit)):
            raise WholeProgrammeNeeded("A round is made for all teams of the programme together.")
    made = await insert_round(session, caller, plan, now)
    found = await read_round(session, caller, wanted)
    assert found is not None
    return found, made


def _check_regular(programme: Programme | None, body: RoundIn) -> None:
    """The programme has decided all of it; to announce what is announced changes nothing."""
    given = body.model_fields_set - {"announced"}
    faults = [Fault(f"/{name}", "of_programme", "the programme decides this") for name in sorted(given)]
    if body.announced is not None and programme is not None and body.announced != programme.announced:
        detail = "the teams know when a programme has its rounds, or never do: the programme decides this"
        faults.append(Fault("/announced", "of_programme", detail))
    if faults:
        raise RoundOfProgramme("See errors.", errors=faults)


def regular_plan(programme: Programme, period: Period, lives: Lives, today: date) -> Plan:
    """The round of that period as things stand now."""
    due = due_of(programme, period, today)
    places = slots_in_force(programme, due.starts_on, lives)
    particulars = {name: getattr(programme, name) for name in _PARTICULARS}
    return Plan(programme, period, due, places, programme.title, programme.announced, particulars)


async def _decided(
    session: AsyncSession, caller: Caller, programme: Programme, period: Period, body: RoundIn, now: datetime
) -> RoundWithSlots:
    """A round of its own for the units named; an instigator names the own team or those below it (R34)."""
    if not body.units:
        fault = Fault("/units", "required", "name the units this round is for")
        raise Malformed("The round cannot be made; see errors.", errors=[fault])
    if not caller.may("audit:manage") and caller.unit is None:
        raise Forbidden("A manager makes a round in the own team: the token names none.", needed_scope="audit:manage")
    if body.announced and not programme.announced:
        raise RoundOfProgramme("See errors.", errors=[Fault("/announced", "of_programme", "it is never announced")])
    due = due_of(programme, period, local_date(now))
    for at, unit in enumerate(body.units):
        day = max(due.starts_on, min(local_date(now), due.ends_on))
        await check_unit(session, caller, unit, f"/units/{at}", on=day)
    announced = programme.announced and body.announced is not False
    if not announced:
        await require_above(session, caller, body.units)
    particulars = {name: getattr(body, name) or getattr(programme, name) for name in _PARTICULARS}
    _check_particulars(programme, particulars)
    places = [Slot(unit=unit, effective_from=due.starts_on, effective_to=due.ends_on) for unit in body.units]
    plan = Plan(programme, period, due, places, body.title or programme.title, announced, particulars)
    made = new_id()
    await insert_round(session, caller, plan, now, made)
    found = await read_round(session, caller, rounds.c.id == made)
    assert found is not None
    return found


def _check_particulars(programme: Programme, given: Mapping[str, str | None]) -> None:
    kind = programme.audit_type.value
    faults = []
    for of_kind, name in _NEEDED.items():
        if (given[name] is None) == (of_kind == kind):
            words = "give this for a round of this type" if given[name] is None else "a round of this type has none"
            faults.append(Fault(f"/{name}", "type", words))
    if given["trigger"] in REVIEWS and given["trigger_reference"] is None:
        faults.append(Fault("/trigger_reference", "required", "give the reference of the review or audit"))
    if faults:
        raise ParticularsNeeded("See errors.", errors=faults)


async def insert_round(session: AsyncSession, caller: Caller, plan: Plan, now: datetime, known_as: Any = None) -> bool:
    """Store the round with its slots; False where a regular one was there already."""
    programme, due = plan.programme, plan.due
    row = {
        "id": known_as or new_id(), "programme": programme.code, "title": plan.title, "period": plan.period.code,
        "audit_type": programme.audit_type.value, "tool": programme.tool, "announced": plan.announced,
        "required_views": [view.value for view in programme.required_views], "regular": programme.regular,
        "starts_on": due.starts_on, "ends_on": due.ends_on, "due_on": due.due_on,
        "missed_after": due.missed_after, "created_by": caller.subject, "created_at": now, **plan.particulars,
    }  # fmt: skip
    # Two callers at once: the second waits here for the first to commit, then finds that round.
    statement = insert(rounds).on_conflict_do_nothing(
        index_elements=["programme", "period"], index_where=sa.text("regular")
    )
    made = (await session.execute(statement.returning(rounds.c.id), row)).scalar_one_or_none()
    if made is None:
        return False
    places_rows = [
        {
            "id": new_id(), "round_id": made, "unit": place.unit, "version": 1,
            "effective_from": place.effective_from, "effective_to": place.effective_to,
        }
        for place in plan.places
    ]  # fmt: skip
    await session.execute(sa.insert(slots), places_rows)
    await record_activity(
        session, caller, "round.created", "round", made, content=[place.unit for place in plan.places],
        data={"programme": programme.code, "period": plan.period.code, "slots": len(plan.places)},
    )  # fmt: skip
    return True


async def periods_made(session: AsyncSession, programme: str, first: date, last: date) -> set[str]:
    """The periods that have their regular round."""
    statement = sa.select(rounds.c.period).where(of_period(programme, first, last))
    return set((await session.execute(statement)).scalars())
