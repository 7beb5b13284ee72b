"""What a draw comes to, before anything is stored: the pool, the cases drawn from it, and an auditor for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.errors import SlotTaken, SlotVoid
from services.audit_api.selection.assigning import Choice
from services.audit_api.selection.bench import Staffing, read_staffing
from services.audit_api.selection.candidates import Case, Pool, read_pool
from services.audit_api.selection.drawing import Candidate, Stratum, draw
from services.audit_api.selection.errors import (
    CaseListMissing,
    CaseListTooOld,
    NoAuditorFree,
    NoEligibleCase,
    TooFewToStratify,
)
from services.audit_api.selection.places import Place
from services.audit_api.selection.schemas import DrawIn
from shared.problems import Fault, Malformed

# What may be against one slot of a round while the others are drawn.
OF_A_SLOT = (SlotTaken, SlotVoid, CaseListMissing, CaseListTooOld, NoEligibleCase, NoAuditorFree)


@dataclass(frozen=True)
class Plan:
    """What a draw came to, before it is stored."""

    place: Place
    pool: Pool
    candidates: Sequence[Candidate]
    strata: Sequence[Stratum]
    drawn: Sequence[tuple[Case, str, Choice]]


async def staff_for(session: AsyncSession, places: Sequence[Place], on: date) -> Staffing:
    """Who may audit at the places, which are all of one round."""
    units, first = frozenset[str]().union(*(place.units for place in places)), places[0]
    return await read_staffing(session, units, first.paper.tool, first.audit_type, first.rules.independent_of, on)


async def make_plan(session: AsyncSession, body: DrawIn, place: Place, seed: str, staff: Staffing) -> Plan:
    """Draw and choose the auditors; raises what keeps the place from having its cases."""
    if body.avoid_audited_within_months is not None:
        changed = {"avoid_audited_within_months": body.avoid_audited_within_months}
        place = place.under(place.rules.model_copy(update=changed))
    pool = await usable_pool(session, place, staff)
    _check_groups(body, pool)
    eligible = {case.case_reference: case for case in pool.eligible}
    candidates = [case.candidate(body.stratify_by) for case in eligible.values()]
    if place.count < len({one.stratum for one in candidates}) and body.stratify_by is not None:
        raise TooFewToStratify()
    drawn, strata = draw(seed, candidates, place.count, body.weights)
    chosen = []
    for one in drawn:
        case = eligible[one.case_reference]
        choice = staff.bench.choose(seed, staff.jobs[case.unit], case.people)
        if choice is None:
            raise nobody_free(staff, case.unit)
        staff.bench.give(choice.auditor.reference)
        chosen.append((case, one.stratum, choice))
    return Plan(place, pool, candidates, strata, chosen)


async def usable_pool(session: AsyncSession, place: Place, staff: Staffing) -> Pool:
    """What would be drawn from today; raises the problem there is with slot, list, auditors or cases."""
    place.check_free()
    pool = await read_pool(session, place, staff)
    if not any(staff.bench.free(staff.jobs[unit]) for unit in place.units):
        raise nobody_free(staff, place.unit)
    if len(pool.eligible) < place.count:
        words = f"{len(pool.eligible)} of the {len(pool.listed)} listed cases may be drawn; {place.count} asked for."
        raise NoEligibleCase(words, eligible=len(pool.eligible), asked=place.count, excluded=pool.counts())
    return pool


def _check_groups(body: DrawIn, pool: Pool) -> None:
    """A misspelt group would leave every case in none, or weigh nothing."""
    if body.stratify_by is None:
        return
    named = {case.candidate(body.stratify_by).stratum for case in pool.listed.values()}
    if named == {""}:
        fault = Fault("/stratify_by", "unknown_grouping", "no posted case has this grouping")
        raise Malformed("The draw cannot be stratified; see errors.", errors=[fault])
    if not named.issuperset(body.weights):
        fault = Fault("/weights", "unknown_stratum", "there is a weight of a stratum that no posted case is in")
        raise Malformed("The draw cannot be weighted; see errors.", errors=[fault])


def nobody_free(staff: Staffing, unit: str) -> NoAuditorFree:
    """The refusal, with what stands against each auditor."""
    excluded = [{"auditor": one, "reason": why} for one, why in staff.bench.against(staff.jobs[unit])]
    return NoAuditorFree(f"{len(excluded)} auditors are recorded.", excluded=excluded)
