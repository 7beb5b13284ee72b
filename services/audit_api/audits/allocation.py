"""Deciding where an audit stands: its slot, its tool's edition, its type, and an auditor who is independent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.allocating import choose_edition
from services.audit_api.audits.ground import Ground, unit_named
from services.audit_api.audits.register import sent_elsewhere
from services.audit_api.audits.schemas import AuditIn, ParticipantIn
from services.audit_api.errors import (
    AuditorNotIndependent,
    DetailOfTypeNeeded,
    OwnCase,
    SlotTaken,
    SlotVoid,
    ToolOfOtherType,
    TriggerNeeded,
)
from services.audit_api.models import Audit, AuditRound, AuditSlot
from services.audit_api.own_cases import works_on
from services.audit_api.questionnaires import Questionnaire, prepared, questionnaire
from services.audit_api.reach import require_above, slots_reached
from services.audit_api.registry import table_of
from services.audit_api.states import is_correction
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.framework.store import check_codes
from shared.organisation.units import unit_unknown
from shared.problems import Fault, Malformed
from shared.schemas.framework.audit import CASE_AUDITS, REVIEWS
from shared.work import Work

_slots, _rounds, _audits = table_of(AuditSlot), table_of(AuditRound), table_of(Audit)
_INDEPENDENT = frozenset(kind.value for kind in CASE_AUDITS)
_DETAILS = {"observation_setting": "observation", "sample_kind": "sample"}


@dataclass(frozen=True, slots=True)
class Place:
    """The slot an audit fills, or none."""

    unit: str
    tool: str
    slot_id: Any = None
    programme: str | None = None
    period: str | None = None
    audit_type: str | None = None
    due_on: date | None = None
    counts_on: date | None = None
    required_views: tuple[str, ...] = ()
    announced: bool = True
    particulars: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allocation:
    """All that is settled before the first answer."""

    place: Place
    paper: Questionnaire
    audit_type: str
    auditor: str
    auditor_unit: str | None


async def allocate(work: Work, caller: Caller, body: AuditIn, ground: Ground, now: datetime) -> Allocation:
    """Settle where the audit stands; raises the problem that keeps it from being begun."""
    if body.slot is None and body.programme is None:
        place = await _stand_alone(work, caller, body, ground, now)
    else:
        place = await _in_slot(await work.session(), caller, body, local_date(now))
    edition = choose_edition(ground.editions.get(place.tool, ()), body.tool_version)
    paper = prepared(edition.hash)
    if paper is None:
        paper = await questionnaire(await work.session(), place.tool, edition.version, edition.hash)
    audit_type = body.audit_type or place.audit_type or paper.audit_types[0]
    if audit_type not in paper.audit_types:
        raise ToolOfOtherType()
    _check_particulars(audit_type, place.particulars)
    auditor = body.auditor or caller.subject
    auditor_unit = _unit_of_auditor(caller, auditor, body.auditor_unit)
    ground.check_codes("units", unit_named(body))
    check_independent(audit_type, place.unit, auditor_unit, body.auditor_unit)
    # Nobody hands in, under another's name, what was found in a case of the own.
    for person in {auditor, caller.subject} if body.submit else {auditor}:
        check_own_case(person, body.participants or ())
    return Allocation(place, paper, audit_type, auditor, auditor_unit)


async def independent_unit(
    session: AsyncSession, caller: Caller, auditor: str, named: str | None, of: tuple[str, str]
) -> str | None:
    """Where the auditor belongs; raises AuditorNotIndependent where an audit of that type and unit forbids it."""
    audit_type, unit = of
    auditor_unit = _unit_of_auditor(caller, auditor, named)
    await check_codes(session, "units", {} if named is None else {"/auditor_unit": named})
    check_independent(audit_type, unit, auditor_unit, named)
    return auditor_unit


def check_independent(audit_type: str, unit: str, auditor_unit: str | None, named: str | None) -> None:
    """Raises AuditorNotIndependent where the auditor belongs, or is said to belong, to the audited unit."""
    if audit_type in _INDEPENDENT and unit in (auditor_unit, named):
        raise AuditorNotIndependent()


def _unit_of_auditor(caller: Caller, auditor: str, named: str | None) -> str | None:
    """Where the auditor belongs: as the token says of the caller, as named of anybody else."""
    if auditor == caller.subject and caller.unit is not None:
        return caller.unit
    if auditor != caller.subject and named is None:
        fault = Fault("/auditor_unit", "required", "name the unit the auditor belongs to, who is not the caller")
        raise Malformed("The auditor's independence cannot be judged; see errors.", errors=[fault])
    return named


def check_own_case(person: str, participants: Sequence[ParticipantIn]) -> None:
    """Raises OwnCase where the person is among those who work on the case."""
    for participant in participants:
        if participant.reference == person and participant.part in ("case_worker", "case_manager"):
            raise OwnCase()


async def check_still_independent(
    session: AsyncSession, caller: Caller, held: Any, participants: Sequence[Mapping[str, Any]]
) -> None:
    """Raises AuditorNotIndependent or OwnCase where whoever submits has come to the team or the case since."""
    check_independent(held.audit_type, held.unit, caller.unit, None)
    # A correction is judged by who makes it: its auditor was independent when the audit was done.
    for person in {caller.subject} if is_correction(held) else {caller.subject, held.auditor}:
        if any(one["reference"] == person and one["part"] != "contributor" for one in participants):
            raise OwnCase()
        if await works_on(session, person, held.case_reference):
            raise OwnCase()


def _particulars(body: AuditIn, of_round: sa.Row[Any] | None = None) -> dict[str, str | None]:
    """What set the audit off and what is looked at, as sent or else as the round has it."""
    sent = {name: getattr(body, name) for name in ("trigger", *_DETAILS)}
    found = {name: value or (getattr(of_round, name) if of_round else None) for name, value in sent.items()}
    own = body.trigger_reference or (of_round.trigger_reference if of_round and not body.trigger else None)
    return found | {"trigger_reference": own}


def _check_particulars(audit_type: str, given: Mapping[str, str | None]) -> None:
    if audit_type == "thematic" and given["trigger"] is None:
        fault = Fault("/trigger", "required", "say what set the thematic audit off")
        raise TriggerNeeded("See errors.", errors=[fault])
    if given["trigger"] in REVIEWS and given["trigger_reference"] is None:
        fault = Fault("/trigger_reference", "required", "give the reference of the review or audit")
        raise TriggerNeeded("See errors.", errors=[fault])
    for name, kind in _DETAILS.items():
        if (given[name] is not None) == (audit_type == kind):
            continue
        words = "give this for an audit of this type" if given[name] is None else "an audit of this type has none"
        raise DetailOfTypeNeeded("See errors.", errors=[Fault(f"/{name}", "type", words)])


async def _stand_alone(work: Work, caller: Caller, body: AuditIn, ground: Ground, now: datetime) -> Place:
    assert body.unit is not None
    assert body.tool is not None
    today = local_date(now)
    if not ground.unit_in_force(body.unit, body.submitted_on or today):
        raise unit_unknown("/unit")
    if not ground.reaches(caller, body.unit):
        sent = sent_elsewhere(caller, sa.literal(body.tool), sa.literal(body.audit_type), today)
        if not (await (await work.session()).execute(sa.select(sent))).scalar_one():
            raise unit_unknown("/unit")
    if body.announced is False:
        await require_above(await work.session(), caller, [body.unit])
    return Place(
        unit=body.unit,
        tool=body.tool,
        due_on=body.due_on,
        announced=body.announced is not False,
        particulars=_particulars(body),
    )


async def _in_slot(session: AsyncSession, caller: Caller, body: AuditIn, today: date) -> Place:
    taken = sa.exists().where(_audits.c.slot_id == _slots.c.id, _audits.c.status != "withdrawn").label("taken")
    sent = sent_elsewhere(caller, _rounds.c.tool, _rounds.c.audit_type, today)
    statement = (
        sa.select(_slots.c.id, _slots.c.unit, _slots.c.void_reason, _rounds, taken)
        .join(_rounds, _rounds.c.id == _slots.c.round_id)
        # Held against being voided while the audit goes in; two audits at once meet at the unique index.
        .with_for_update(read=True, of=_slots)
        .where(sa.or_(await slots_reached(session, caller), sa.and_(_rounds.c.announced, sent)))
    )
    if body.slot is not None:
        statement = statement.where(_slots.c.id == body.slot)
    else:
        statement = statement.where(
            _rounds.c.programme == body.programme,
            _rounds.c.period == body.period,
            _rounds.c.regular,
            _slots.c.unit == body.unit,
        )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        pointer = "/slot" if body.slot else "/programme"
        fault = Fault(pointer, "unknown_slot", "there is no such slot that this caller may fill")
        raise Malformed("The slot cannot be used; see errors.", errors=[fault])
    if body.unit not in (None, row.unit):
        raise Malformed("See errors.", errors=[Fault("/unit", "other_unit", "the slot is another unit's")])
    if body.tool not in (None, row.tool):
        raise Malformed("See errors.", errors=[Fault("/tool", "other_tool", "the round has another tool")])
    if body.announced not in (None, row.announced):
        raise Malformed("See errors.", errors=[Fault("/announced", "other_round", "the round decides this")])
    if body.submitted_on is not None and body.submitted_on < row.starts_on:
        # With a year mistyped what is late would be on time.
        fault = Fault("/submitted_on", "before_round", f"the round's period begins on {row.starts_on.isoformat()}")
        raise Malformed("See errors.", errors=[fault])
    if row.void_reason is not None:
        raise SlotVoid()
    if row.taken:
        raise SlotTaken()
    return Place(
        unit=row.unit,
        tool=row.tool,
        slot_id=row[0],
        programme=row.programme,
        period=row.period,
        audit_type=row.audit_type,
        due_on=row.due_on,
        counts_on=row.ends_on,
        required_views=tuple(row.required_views),
        announced=row.announced,
        particulars=_particulars(body, row),
    )
