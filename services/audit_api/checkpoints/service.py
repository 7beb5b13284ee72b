"""The rules of the two checkpoints: sign-off by a manager, then the panel, which looks at it anew (R40)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.checkpoints import queries
from services.audit_api.checkpoints.errors import (
    AssessmentEnded,
    AssessmentKnown,
    CheckpointAgreed,
    PanelNotIndependent,
)
from services.audit_api.checkpoints.schemas import (
    AssessmentIn,
    AssessmentOut,
    AssessmentRow,
    CheckpointIn,
    EndIn,
    LookOut,
    SummaryOut,
    UnitSummary,
)
from services.audit_api.checkpoints.summary import missing, summarise
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.database_errors import constraint_name
from shared.etags import IfMatch
from shared.ids import new_id
from shared.organisation.units import check_unit
from shared.problems import Fault, Forbidden, Malformed, NotFound


async def add_assessment(session: AsyncSession, caller: Caller, body: AssessmentIn, now: datetime) -> UUID:
    """Record that an assessment began; raises AssessmentKnown."""
    await check_unit(session, caller, body.unit, "/unit", on=body.started_on)
    _check_day("/started_on", body.started_on, now)
    row = body.model_dump() | {
        "id": new_id(), "recorded_by": caller.subject, "recorded_at": now, "version": 1,
    }  # fmt: skip
    try:
        await session.execute(sa.insert(queries.assessments), row)
    except IntegrityError as error:
        if constraint_name(error) == "uq_sen_assessment_reference":
            raise AssessmentKnown() from None
        raise
    await _record(session, caller, "assessment.begun", row, body.reference, started_on=body.started_on.isoformat())
    made: UUID = row["id"]
    return made


async def look_at(
    session: AsyncSession, caller: Caller, assessment: UUID, body: CheckpointIn, match: IfMatch, now: datetime
) -> None:
    """Record what a manager or the panel made of it."""
    held = await _held(session, caller, assessment, match)
    signed_by = body.signed_by or caller.subject
    if signed_by != caller.subject and not caller.may("audit:manage"):
        needed = "Recording what somebody else has signed needs the scope audit:manage."
        raise Forbidden(needed, needed_scope="audit:manage")
    looks: list[dict[str, Any]] = held.looks or []
    _check_day("/held_on", body.held_on, now)
    if body.held_on < max([held.started_on, *(date.fromisoformat(one["held_on"]) for one in looks)]):
        raise _refused(Fault("/held_on", "before_last", "give a day that is not before its start or its last look"))
    _check_order(looks, body.checkpoint)
    _check_independent(looks, body.checkpoint, {signed_by, caller.subject})
    row = {
        "assessment_id": assessment, "position": len(looks) + 1, "checkpoint": body.checkpoint,
        "outcome": body.outcome, "reasons": body.reasons, "note": body.note, "held_on": body.held_on,
        "signed_by": signed_by, "recorded_by": caller.subject, "recorded_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(queries.checkpoints), row)
    await _change(session, held)
    data = {"checkpoint": body.checkpoint, "reasons": body.reasons, "held_on": body.held_on.isoformat()}
    await _record(session, caller, f"assessment.{body.outcome}", held._asdict(), body.note, **data)


async def end(
    session: AsyncSession, caller: Caller, assessment: UUID, body: EndIn, match: IfMatch, now: datetime
) -> None:
    """It ended without a plan, so that no checkpoint is missing."""
    held = await _held(session, caller, assessment, match)
    _check_day("/ended_on", body.ended_on, now)
    if body.ended_on < held.started_on:
        raise _refused(Fault("/ended_on", "before_start", "give a day that is not before its start"))
    await _change(session, held, ended_on=body.ended_on, ended_reason=body.reason)
    data = {"ended_on": body.ended_on.isoformat()}
    await _record(session, caller, "assessment.ended", held._asdict(), body.reason, **data)


async def read_assessment(session: AsyncSession, caller: Caller, assessment: UUID) -> AssessmentOut:
    """One assessment, whole; raises NotFound."""
    row = await queries.find_assessment(session, caller, assessment)
    if row is None:
        raise NotFound()
    open_to = row.ended_on is None and caller.may("audit:write")
    return AssessmentOut(
        **row_out(row).model_dump(),
        looks=[LookOut.model_validate({name: one[name] for name in LookOut.model_fields}) for one in row.looks or ()],
        ended_reason=row.ended_reason,
        recorded_by=row.recorded_by,
        allowed_actions=["record_checkpoint", "end"] if open_to else [],
    )


def row_out(row: Any) -> AssessmentRow:
    """A line of the list."""
    fields = {name: getattr(row, name) for name in AssessmentRow.model_fields if name != "missing"}
    return AssessmentRow(**fields, missing=missing(row))


async def summary(
    session: AsyncSession, caller: Caller, period: str, span: tuple[date, date], units: frozenset[str] | None
) -> SummaryOut:
    """How the assessments begun in a period stand, all together and team by team."""
    rows = await queries.begun_between(session, caller, *span, units)
    teams = await queries.teams_assessing(session, caller, units)
    return SummaryOut(
        period=period,
        **summarise(rows).model_dump(),
        units=[
            UnitSummary(unit=team, **summarise([row for row in rows if row.unit == team]).model_dump())
            for team in teams
        ],
    )


def _check_order(looks: list[dict[str, Any]], checkpoint: str) -> None:
    """Passed is passed, but the panel's return opens the sign-off again."""
    mine = [one for one in looks if one["checkpoint"] == checkpoint]
    returned_since = bool(looks) and looks[-1]["outcome"] == "returned"
    if mine and mine[-1]["outcome"] == "agreed" and not returned_since:
        raise CheckpointAgreed()


def _check_independent(looks: list[dict[str, Any]], checkpoint: str, people: set[str]) -> None:
    others = {one["signed_by"] for one in looks if one["checkpoint"] != checkpoint}
    if others & people:
        raise PanelNotIndependent()


async def _held(session: AsyncSession, caller: Caller, assessment: UUID, match: IfMatch) -> sa.Row[Any]:
    if not await queries.lock_assessment(session, caller, assessment):
        raise NotFound()
    held = await queries.find_assessment(session, caller, assessment)
    assert held is not None
    match.check(held.version)
    if held.ended_on is not None:
        raise AssessmentEnded()
    return held


async def _change(session: AsyncSession, held: sa.Row[Any], **changed: Any) -> None:
    table = queries.assessments
    changed["version"] = held.version + 1
    await session.execute(sa.update(table).where(table.c.id == held.id).values(changed))


async def _record(
    session: AsyncSession, caller: Caller, deed: str, row: dict[str, Any], content: Any, **data: Any
) -> None:
    await record_activity(
        session, caller, deed, "sen_assessment", row["id"], content=content, unit=row["unit"], data=data
    )


def _check_day(pointer: str, day: date, now: datetime) -> None:
    if day > local_date(now):
        raise _refused(Fault(pointer, "in_future", "give a day that is not after today"))


def _refused(fault: Fault) -> Malformed:
    return Malformed("The assessment cannot be kept like this; see errors.", errors=[fault])
