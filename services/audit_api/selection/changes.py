"""What a manager changes of a draw: another case in place of one that cannot be audited, another auditor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import change_unsubmitted, edition_in_use
from services.audit_api.errors import AuditorNotIndependent, OwnCase, SlotVoid
from services.audit_api.models import AuditSlot
from services.audit_api.own_cases import works_on
from services.audit_api.registry import table_of
from services.audit_api.selection.assigning import Choice
from services.audit_api.selection.bench import Staffing, read_staffing
from services.audit_api.selection.candidates import (
    Case,
    Excluded,
    against,
    read_cases,
    read_sources,
    stored_pool,
)
from services.audit_api.selection.drawing import following
from services.audit_api.selection.errors import (
    CaseReplaced,
    DrawnAuditBegun,
    NoEligibleCase,
    OwnTeamsCase,
)
from services.audit_api.selection.planning import nobody_free
from services.audit_api.selection.queries import audits, cases_of, drawn_cases, draws, read_draw, sources_of
from services.audit_api.selection.schemas import AssignmentIn, ReplacementIn
from services.audit_api.selection.service import LOCK
from services.audit_api.selection.store import assignment, begin_audit, given_to
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.free_text import Mode, screen
from shared.organisation.units import units_below
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.framework.audit_selection import Selection

_slots = table_of(AuditSlot)


async def replace_case(
    session: AsyncSession,
    caller: Caller,
    draw: UUID,
    body: ReplacementIn,
    match: IfMatch,
    words: Mode,
    now: datetime,
) -> None:
    """Put the next case of the same order in place of one whose audit is not begun; the first stays to be seen."""
    screen({"/note": body.note}, words)
    held, all_drawn, one, audit = await _held(session, caller, draw, body.case_reference, match)
    await _withdraw(session, caller, audit, body, held.id, now)
    staff = await _staffing(session, held, await units_below(session, held.unit), now)
    taken = {row.case_reference for row in all_drawn}
    case, passed_over = await _next(session, held, one.stratum, taken, staff)
    choice = staff.bench.choose(held.seed, staff.jobs[case.unit], case.people, keep=audit.auditor)
    if choice is None:
        raise nobody_free(staff, case.unit)
    paper = await edition_in_use(session, held.tool)
    # As the withdrawn one stood, so that it fills the same slot under the same terms.
    new = dict(audit._mapping) | {"tool_version": paper.version} | given_to(caller, case, choice, now)
    await begin_audit(session, caller, new, held.id)
    told = {
        "replaced_reason": body.reason, "replaced_note": body.note, "replaced_by": caller.subject, "replaced_at": now,
    }  # fmt: skip
    await session.execute(sa.update(drawn_cases).where(*_key(one)).values(told))
    await session.execute(
        sa.insert(drawn_cases),
        {
            "draw_id": held.id, "position": all_drawn[-1].position + 1, "case_reference": case.case_reference,
            "unit": case.unit, "stratum": one.stratum, "audit_id": new["id"], "replaces": one.position,
            "assignments": [assignment(choice, caller, now)], "passed_over": passed_over,
        },
    )  # fmt: skip
    await _changed(session, caller, held, "draw.case_replaced", body, {"reason": body.reason})


async def assign(
    session: AsyncSession,
    caller: Caller,
    draw: UUID,
    body: AssignmentIn,
    match: IfMatch,
    words: Mode,
    now: datetime,
) -> None:
    """Give a drawn case to the auditor a manager names; training and capacity may be overruled, independence not."""
    screen({"/reason": body.reason}, words)
    held, _, one, audit = await _held(session, caller, draw, body.case_reference, match)
    pool = await stored_pool(session, held, [row.id for row in await sources_of(session, held.id)])
    staff = await _staffing(session, held, {one.unit}, now)
    auditor = staff.bench.named(body.auditor)
    if auditor is None:
        fault = Fault("/auditor", "unknown_auditor", "this is not the account of a recorded auditor")
        raise Malformed("The case cannot be given to that auditor; see errors.", errors=[fault])
    if auditor.unit == one.unit:
        raise AuditorNotIndependent()
    people = pool[one.case_reference].people
    if auditor.reference in people or await works_on(session, auditor.reference, one.case_reference):
        raise OwnCase()
    job = staff.jobs[one.unit]
    choice = Choice(auditor, "chosen_by_manager", (), tuple(staff.bench.against(job, people)))
    given = {"auditor": auditor.reference, "auditor_unit": auditor.unit}
    await change_unsubmitted(session, caller, audit, "reallocated", given, body.reason, now)
    kept = [*one.assignments, assignment(choice, caller, now, body.reason)]
    await session.execute(sa.update(drawn_cases).where(*_key(one)).values(assignments=kept))
    await record_activity(
        session, caller, "audit.reallocated", "audit", audit.id, content=body.model_dump(mode="json"), unit=one.unit,
        data={"draw": str(held.id)},
    )  # fmt: skip
    await _changed(session, caller, held, "draw.auditor_chosen", body, {})


async def _held(
    session: AsyncSession, caller: Caller, draw: UUID, case_reference: str, match: IfMatch
) -> tuple[sa.Row[Any], list[sa.Row[Any]], sa.Row[Any], sa.Row[Any]]:
    """The draw, what it drew, the case and its audit, all locked and still to be changed."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    held = await read_draw(session, caller, draw, lock=True)
    if held is None:
        raise NotFound()
    match.check(held.version)
    all_drawn = list(await cases_of(session, held.id))
    one = next((row for row in all_drawn if row.case_reference == case_reference), None)
    if one is None:
        fault = Fault("/case_reference", "not_drawn", "this case was not drawn here")
        raise Malformed("There is nothing to change; see errors.", errors=[fault])
    if one.replaced_reason is not None:
        raise CaseReplaced()
    if caller.unit == one.unit:
        raise OwnTeamsCase()
    if held.slot_id is not None:
        slot = (await session.execute(sa.select(_slots).where(_slots.c.id == held.slot_id).with_for_update())).one()
        if slot.void_reason is not None:
            raise SlotVoid()
    audit = (await session.execute(sa.select(audits).where(audits.c.id == one.audit_id).with_for_update())).one()
    if audit.status != "allocated":
        raise DrawnAuditBegun(f"The audit is {audit.status.replace('_', ' ')}.")
    return held, all_drawn, one, audit


async def _withdraw(
    session: AsyncSession, caller: Caller, audit: sa.Row[Any], body: ReplacementIn, draw: UUID, now: datetime
) -> None:
    reason = body.note or body.reason.replace("_", " ")
    await change_unsubmitted(session, caller, audit, "withdrawn", {"status": "withdrawn"}, reason, now)
    await record_activity(
        session, caller, "audit.withdrawn", "audit", audit.id, content=body.model_dump(mode="json"), unit=audit.unit,
        data={"draw": str(draw), "reason": body.reason},
    )  # fmt: skip


async def _staffing(session: AsyncSession, held: Any, units: Collection[str], now: datetime) -> Staffing:
    rules = Selection(**held.rules)
    return await read_staffing(session, units, held.tool, held.audit_type, rules.independent_of, local_date(now))


async def _next(
    session: AsyncSession, held: Any, stratum: str, taken: set[str], staff: Staffing
) -> tuple[Case, list[Excluded]]:
    """The next case in order that may still be drawn as the newest lists have it, and those before it that may not."""
    rules = Selection(**held.rules)
    pool = await stored_pool(session, held, [row.id for row in await sources_of(session, held.id)])
    now_open = await read_cases(session, await read_sources(session, frozenset(staff.jobs), rules, staff.on))
    candidates = [case.candidate(held.stratify_by) for case in pool.values()]
    order = [one.case_reference for one in following(held.seed, candidates, stratum, taken)]
    still_open = {reference: now_open[reference] for reference in order if reference in now_open}
    stated = await against(session, still_open, rules, held.slot_id, staff)
    passed_over: list[Excluded] = []
    for reference in order:
        if reference in still_open and reference not in stated:
            return still_open[reference], passed_over
        gone = {"case_reference": reference, "reason": "closed", "detail": "it is no longer among the open cases"}
        passed_over.append(stated.get(reference, gone))
    excluded = dict(Counter(one["reason"] for one in passed_over))
    raise NoEligibleCase("No other case of the pool may be drawn in its place.", excluded=excluded)


def _key(one: Any) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return drawn_cases.c.draw_id == one.draw_id, drawn_cases.c.position == one.position


async def _changed(
    session: AsyncSession,
    caller: Caller,
    held: Any,
    deed: str,
    body: ReplacementIn | AssignmentIn,
    data: dict[str, Any],
) -> None:
    await session.execute(sa.update(draws).where(draws.c.id == held.id).values(version=held.version + 1))
    named = {"slot": str(held.slot_id)} if held.slot_id is not None else {}
    await record_activity(
        session, caller, deed, "draw", held.id, content=body.model_dump(mode="json"), unit=held.unit,
        data=named | data,
    )  # fmt: skip
