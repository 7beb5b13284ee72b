"""The rules of moderation up to the second grading: who asks for it, who grades, and that it is done blind."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import given_to_grade
from services.audit_api.moderating import audits
from services.audit_api.moderation import queries, settling
from services.audit_api.moderation.beginning import STANDING, Cause, begin, paper_of, step
from services.audit_api.moderation.errors import (
    AuditNotModerated,
    ModerationElsewhere,
    NotGraded,
    NotYourPart,
)
from services.audit_api.moderation.graders import check_caller, check_grader
from services.audit_api.moderation.rendering import is_blind, is_party, may_arrange
from services.audit_api.moderation.rules import (
    check_answers,
    check_grades,
    first_grades,
    grades_of,
)
from services.audit_api.moderation.schemas import AllocationIn, GraderIn, ModerationIn, SecondGradingIn
from services.audit_api.reach import reached
from services.audit_api.states import MODERATED_FROM, may_manage
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.problems import Fault, Forbidden, Malformed, NotFound
from shared.working_days import add_working_days


def due_by(given: date | None, days: int, now: datetime) -> date:
    """The day a moderation should have ended; raises Malformed for one that lies behind."""
    today = local_date(now)
    if given is not None and given < today:
        raise Malformed("See errors.", errors=[Fault("/due_on", "in_past", "give today or a later day")])
    return given or add_working_days(today, days)


async def raise_moderation(
    session: AsyncSession, caller: Caller, audit: UUID, body: ModerationIn, match: IfMatch, days: int, now: datetime
) -> UUID:
    """Begin the moderation of one audit because its auditor, its team or a manager asks for it."""
    held = await _lock_audit(session, caller, audit)
    if held.status not in MODERATED_FROM:
        fault = Fault("/status", held.status, "moderation begins with a submitted audit")
        raise AuditNotModerated("See errors.", errors=[fault])
    match.check(held.version)
    if not first_grades(await paper_of(session, held), held):
        raise NotGraded()
    graders = {}
    if body.grader is not None and body.grader_unit is not None:
        if not may_manage(held, caller):
            raise Forbidden("Naming the second grader needs the scope audit:manage.", needed_scope="audit:manage")
        chosen = GraderIn(grader=body.grader, grader_unit=body.grader_unit)
        graders[audit] = (body.grader, body.grader_unit, await check_grader(session, held, audit, chosen))
    manages = may_manage(held, caller)
    origin = "auditor" if caller.subject == held.auditor else "manager" if manages else "team"
    cause = Cause(origin, due_by(body.due_on, days, now), body.reason)
    (moderation,) = await begin(session, caller, [held], graders, cause, now)
    return moderation


async def _lock_audit(session: AsyncSession, caller: Caller, audit: UUID) -> sa.Row[Any]:
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    statement = STANDING.where(audits.c.id == audit, sa.or_(within, given_to_grade(caller, audits.c.id)))
    row = (await session.execute(statement.with_for_update(of=audits))).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def allocate(session: AsyncSession, caller: Caller, moderation: UUID, body: AllocationIn, match: IfMatch) -> None:
    """Give the audit to somebody to grade a second time, or a third time where two could not agree."""
    held = await queries.lock_moderation(session, caller, moderation)
    if not may_arrange(held, caller):
        raise NotYourPart()
    match.check(held.version)
    if held.status not in ("unallocated", "allocated", "conflict"):
        raise ModerationElsewhere()
    third = held.status == "conflict"
    if body.grader == (held.third_grader if third else held.moderator):
        raise Malformed("See errors.", errors=[Fault("/grader", "same_grader", "it is this person's to grade already")])
    read_before = await check_grader(session, held, held.audit_id, body)
    changed: dict[str, Any] = {"third_grader": body.grader}
    if not third:
        changed = {
            "status": "allocated", "moderator": body.grader, "moderator_unit": body.grader_unit,
            "read_before": read_before,
        }  # fmt: skip
    await settling.change(session, held, **changed)
    told = {"audit": str(held.audit_id), "part": "third" if third else "second", "grader": body.grader}
    await record_activity(session, caller, "moderation.allocated", "moderation", moderation, unit=held.unit, data=told)


async def grade_second(
    session: AsyncSession, caller: Caller, moderation: UUID, body: SecondGradingIn, match: IfMatch, now: datetime
) -> None:
    """Take the second grading; where it agrees with the first the moderation ends at once."""
    held = await queries.lock_moderation(session, caller, moderation)
    if held.moderator != caller.subject:
        raise NotYourPart()
    if not is_blind(held, caller):
        raise ModerationElsewhere()
    match.check(held.version)
    await check_caller(session, caller, held)
    paper, first = await paper_of(session, held), grades_of(held, "first")
    given = body.grades.given()
    check_grades(paper, given, first, first, reasons=False)
    check_answers(paper, body.answers)
    await settling.keep(session, caller, held, "second", paper, given, now, note=body.note, answers=body.answers)
    if all(given[domain].grade == one["grade"] for domain, one in first.items()):
        await settling.settle(
            session, caller, await queries.read_moderation(session, caller, moderation), "agreed", now
        )
        return
    await settling.change(session, held, status="consolidating")
    # The audit's version moves on, because from now on the second grader sees all of it.
    told = {"moderation": str(moderation)}
    await step(session, caller, settling.audit_of(held), "second_graded", now, None, told)


async def withdraw(
    session: AsyncSession, caller: Caller, moderation: UUID, reason: str, match: IfMatch, now: datetime
) -> None:
    """Take back a moderation nobody has graded yet; the audit is as it was."""
    held = await queries.lock_moderation(session, caller, moderation)
    if is_party(held, caller) or not may_arrange(held, caller):
        raise NotYourPart()
    match.check(held.version)
    if held.status not in ("unallocated", "allocated"):
        raise ModerationElsewhere()
    await settling.change(session, held, status="withdrawn", withdrawn_why=reason)
    told = {"moderation": str(moderation)}
    await step(session, caller, settling.audit_of(held), "moderation_withdrawn", now, reason, told, status="submitted")
