"""Settling on grades: the two agree, consolidate where they differ, or a third grader decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.moderating import moderations
from services.audit_api.moderation import queries
from services.audit_api.moderation.beginning import paper_of, step
from services.audit_api.moderation.errors import ModerationElsewhere, NotYourPart
from services.audit_api.moderation.graders import check_caller
from services.audit_api.moderation.queries import grades, gradings
from services.audit_api.moderation.rendering import is_party, may_arrange
from services.audit_api.moderation.rules import (
    check_grades,
    differing,
    grades_of,
)
from services.audit_api.moderation.schemas import GradeIn, ProposalIn, ThirdGradingIn
from services.audit_api.questionnaires import GRADE_COLUMNS, Questionnaire
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch

_OPEN = ("consolidating", "proposed")


@dataclass(frozen=True, slots=True)
class Held:
    """The audit's own fields, as the steps of its life need them."""

    id: UUID
    version: int
    unit: str
    tool: str
    tool_version: int
    programme: str | None
    period: str | None
    audit_type: str
    counts_on: date


def audit_of(row: Any) -> Held:
    """The audit of a moderation read whole."""
    return Held(
        row.audit_id, row.audit_version, row.unit, row.tool, row.tool_version, row.programme, row.period,
        row.audit_type, row.counts_on,
    )  # fmt: skip


async def change(session: AsyncSession, held: Any, **changed: Any) -> None:
    """Change the moderation by one version."""
    values = changed | {"version": held.version + 1}
    await session.execute(sa.update(moderations).where(moderations.c.id == held.id).values(values))


async def keep(
    session: AsyncSession,
    caller: Caller,
    held: Any,
    part: str,
    paper: Questionnaire,
    given: Mapping[str, GradeIn],
    now: datetime,
    **more: Any,
) -> None:
    """Keep a grading with its grades; `more` may say that another council's grader made it."""
    row = {
        "moderation_id": held.id, "part": part, "by": caller.subject, "recorded_by": caller.subject, "at": now,
        "answers": {},
    }  # fmt: skip
    await session.execute(sa.insert(gradings), row | more)
    await _keep_grades(session, held, part, paper, given)


async def _keep_grades(
    session: AsyncSession, held: Any, part: str, paper: Questionnaire, given: Mapping[str, GradeIn]
) -> None:
    rows = [
        {
            "moderation_id": held.id, "part": part, "domain": domain, "grade": one.grade,
            "rank": paper.ranks[one.grade], "reason": one.reason,
        }
        for domain, one in given.items()
    ]  # fmt: skip
    await session.execute(sa.insert(grades), rows)


async def propose(session: AsyncSession, caller: Caller, moderation: UUID, body: ProposalIn, match: IfMatch) -> None:
    """One of the two proposes grades where they differ; another proposal takes the place of an earlier one."""
    held = await _held_by_party(session, caller, moderation, match)
    if held.status not in _OPEN:
        raise ModerationElsewhere()
    paper, apart, given = await paper_of(session, held), differing(held), body.grades.given()
    check_grades(paper, given, apart, apart, reasons=True)
    await _drop_proposal(session, held)
    await _keep_grades(session, held, "proposed", paper, given)
    await change(session, held, status="proposed", proposed_by=caller.subject)
    await _note(session, caller, held, "proposed", {"domains": len(given)})


async def confirm(session: AsyncSession, caller: Caller, moderation: UUID, match: IfMatch, now: datetime) -> None:
    """The other of the two confirms the proposal, and the grades are settled."""
    held = await _held_by_party(session, caller, moderation, match)
    if held.status != "proposed":
        raise ModerationElsewhere()
    if held.proposed_by == caller.subject:
        raise NotYourPart("The other of the two graders confirms what one proposed.")
    await settle(session, caller, held, "consolidated", now)


async def declare_conflict(
    session: AsyncSession, caller: Caller, moderation: UUID, reason: str, match: IfMatch
) -> None:
    """The two do not agree, or a manager sees that they will not: a third grader is needed."""
    held = await queries.lock_moderation(session, caller, moderation)
    if not is_party(held, caller) and not may_arrange(held, caller):
        raise NotYourPart()
    match.check(held.version)
    if held.status not in _OPEN:
        raise ModerationElsewhere()
    await _drop_proposal(session, held)
    await change(session, held, status="conflict", proposed_by=None, conflict_reason=reason)
    await _note(session, caller, held, "in_conflict", {}, reason)


async def grade_third(
    session: AsyncSession, caller: Caller, moderation: UUID, body: ThirdGradingIn, match: IfMatch, now: datetime
) -> None:
    """The third grading decides where the two differ: by the third grader, or recorded for another council's."""
    held = await queries.lock_moderation(session, caller, moderation)
    external = body.external
    mine = external is None and held.third_grader == caller.subject
    if not mine and not (external is not None and may_arrange(held, caller)):
        raise NotYourPart()
    if held.status != "conflict":
        raise ModerationElsewhere()
    match.check(held.version)
    if external is None:
        await check_caller(session, caller, held)
    paper, given = await paper_of(session, held), body.grades.given()
    check_grades(paper, given, differing(held), grades_of(held, "first"), reasons=True)
    who = {} if external is None else external.model_dump() | {"by": None}
    await keep(session, caller, held, "third", paper, given, now, note=body.note, **who)
    await settle(session, caller, await queries.read_moderation(session, caller, moderation), "third", now)


async def settle(session: AsyncSession, caller: Caller, held: Any, how: str, now: datetime) -> None:
    """Make the grades final: where the two agreed theirs, elsewhere those proposed and confirmed, or the third's."""
    deciding = {"agreed": {}, "consolidated": grades_of(held, "proposed"), "third": grades_of(held, "third")}[how]
    apart = differing(held)
    final = {
        domain: GradeIn(
            grade=(deciding[domain] if domain in apart else one)["grade"],
            reason=deciding[domain]["reason"] if domain in apart else None,
        )
        for domain, one in grades_of(held, "first").items()
    }
    await keep(session, caller, held, "final", await paper_of(session, held), final, now)
    await change(session, held, status="settled", settled_how=how, settled_at=now)
    first = grades_of(held, "first")
    told = {
        "moderation": str(held.id), "how": how,
        "grades_changed": sum(one.grade != first[domain]["grade"] for domain, one in final.items()),
    }  # fmt: skip
    standing = {GRADE_COLUMNS[domain]: one.grade for domain, one in final.items()}
    await step(session, caller, audit_of(held), "moderated", now, None, told, status="moderated", **standing)


async def _held_by_party(session: AsyncSession, caller: Caller, moderation: UUID, match: IfMatch) -> Any:
    held = await queries.lock_moderation(session, caller, moderation)
    if not is_party(held, caller):
        raise NotYourPart()
    match.check(held.version)
    return held


async def _drop_proposal(session: AsyncSession, held: Any) -> None:
    mine = grades.c.moderation_id == held.id, grades.c.part == "proposed"
    await session.execute(sa.delete(grades).where(*mine))


async def _note(
    session: AsyncSession, caller: Caller, held: Any, deed: str, data: dict[str, Any], reason: str | None = None
) -> None:
    told = {"audit": str(held.audit_id)} | data
    await record_activity(
        session, caller, f"moderation.{deed}", "moderation", held.id, content=reason, unit=held.unit, data=told
    )
