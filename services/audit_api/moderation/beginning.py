"""A moderation begins: what the audit stands with is kept as the first grading, and the audit waits until it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import AuditStep
from services.audit_api.moderating import audits, moderations
from services.audit_api.moderation.queries import editions, grades, gradings
from services.audit_api.moderation.rules import first_grades
from services.audit_api.questionnaires import Questionnaire, questionnaire
from services.audit_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id

_steps = table_of(AuditStep)
# Audits as moderation reads them, with what finds their edition of the tool.
STANDING = sa.select(audits, editions.c.hash.label("tool_hash")).join(
    editions, sa.and_(editions.c.tool == audits.c.tool, editions.c.version == audits.c.tool_version)
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why moderations begin, and until when they should end."""

    origin: str
    due_on: date
    reason: str | None = None
    sample: UUID | None = None


async def paper_of(session: AsyncSession, row: Any) -> Questionnaire:
    """The edition of the tool that the audit was begun with."""
    return await questionnaire(session, row.tool, row.tool_version, row.tool_hash)


async def begin(
    session: AsyncSession,
    caller: Caller,
    chosen: Sequence[Any],
    graders: Mapping[UUID, tuple[str, str, bool]],
    cause: Cause,
    now: datetime,
) -> list[UUID]:
    """Begin a moderation of each audit, which is locked; `graders` says who, of which unit, and who had read it."""
    begun, kept, held = [], [], []
    for audit in chosen:
        row = _moderation(caller, audit, graders.get(audit.id), cause, now)
        begun.append(row)
        kept.append(
            {
                "moderation_id": row["id"], "part": "first", "by": audit.auditor, "recorded_by": audit.submitted_by,
                "at": audit.submitted_at, "answers": {},
            }
        )  # fmt: skip
        paper = await paper_of(session, audit)
        held += [
            {"moderation_id": row["id"], "part": "first", "domain": one, "grade": grade, "rank": paper.ranks[grade]}
            for one, grade in first_grades(paper, audit).items()
        ]
    await session.execute(sa.insert(moderations), begun)
    await session.execute(sa.insert(gradings), kept)
    await session.execute(sa.insert(grades), held)
    for audit, row in zip(chosen, begun, strict=True):
        told = {"moderation": str(row["id"]), "origin": cause.origin}
        await step(session, caller, audit, "moderation_begun", now, cause.reason, told, status="in_moderation")
    return [row["id"] for row in begun]


def _moderation(
    caller: Caller, audit: Any, grader: tuple[str, str, bool] | None, cause: Cause, now: datetime
) -> dict[str, Any]:
    name, unit, read_before = grader or (None, None, False)
    return {
        "id": new_id(), "audit_id": audit.id, "edition": audit.edition, "unit": audit.unit, "sample_id": cause.sample,
        "origin": cause.origin, "reason": cause.reason, "status": "unallocated" if name is None else "allocated",
        "moderator": name, "moderator_unit": unit, "read_before": read_before, "due_on": cause.due_on,
        "raised_by": caller.subject, "raised_at": now, "version": 1,
    }  # fmt: skip


async def step(
    session: AsyncSession,
    caller: Caller,
    audit: Any,
    kind: str,
    now: datetime,
    reason: str | None,
    told: Mapping[str, Any],
    **changed: Any,
) -> None:
    """Change the audit by one version, and tell of it in its history and, in codes alone, in the activity."""
    version = audit.version + 1
    await session.execute(sa.update(audits).where(audits.c.id == audit.id).values(changed | {"version": version}))
    row = {
        "audit_id": audit.id, "version": version, "kind": kind, "by": caller.subject, "at": now, "reason": reason,
        "questions": [], "parts": [], "data": dict(told),
    }  # fmt: skip
    await session.execute(sa.insert(_steps), row)
    data = {name: getattr(audit, name) for name in ("tool", "tool_version", "programme", "period", "audit_type")}
    data |= {"counts_on": audit.counts_on.isoformat()}
    await record_activity(
        session, caller, f"audit.{kind}", "audit", audit.id, content=reason, unit=audit.unit, data=data | dict(told)
    )
