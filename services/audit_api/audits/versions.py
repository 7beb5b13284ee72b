"""The history of an audit and its submissions, the one that counts among those that were superseded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.checking import paper_of
from services.audit_api.audits.editions import day_of, read_editions
from services.audit_api.audits.history import read_steps
from services.audit_api.audits.life_schemas import AuditVersionOut, HistoryOut, StepOut, VersionRow, VersionsOut
from services.audit_api.audits.parts import parts_from, parts_of
from services.audit_api.audits.queries import read_audit
from services.audit_api.audits.rendering import content_out, grades_out
from services.audit_api.blindness import BlindUntilGraded
from shared.auth.caller import Caller
from shared.problems import NotFound


async def history(session: AsyncSession, caller: Caller, audit: UUID) -> HistoryOut:
    """The steps of the audit's life, the oldest first."""
    held = await _reached(session, caller, audit)
    items = [
        StepOut(
            version=row.version, kind=row.kind, by=row.by, at=row.at, reason=row.reason,
            changed_questions=row.questions, changed_parts=row.parts, data=row.data,
        )
        for row in await read_steps(session, held.id)
    ]  # fmt: skip
    return HistoryOut(audit=str(audit), items=items)


async def list_versions(session: AsyncSession, caller: Caller, audit: UUID) -> VersionsOut:
    """Every submission, the oldest first."""
    held = await _reached(session, caller, audit)
    rows = [VersionRow(**_kept(row)) for row in await read_editions(session, audit)]
    if held.submitted_on is not None:
        rows.append(VersionRow(**_standing(held)))
    return VersionsOut(audit=str(audit), items=rows)


async def read_version(session: AsyncSession, caller: Caller, audit: UUID, number: int) -> AuditVersionOut:
    """One submission, whole; raises NotFound where there is none of that number."""
    held = await _reached(session, caller, audit)
    paper = await paper_of(session, held)
    if held.submitted_on is not None and number == held.edition:
        content = content_out(parts_of(held), paper, held.audit_type)
        return AuditVersionOut(audit=str(audit), **_standing(held), **content)
    for row in await read_editions(session, audit):
        if row.number == number:
            content = content_out(parts_from(row.content), paper, held.audit_type)
            return AuditVersionOut(audit=str(audit), **_kept(row), **content)
    raise NotFound()


async def _reached(session: AsyncSession, caller: Caller, audit: UUID) -> Any:
    held = await read_audit(session, caller, audit)
    if held is None:
        raise NotFound()
    if held.blind:
        raise BlindUntilGraded()
    return held


def _kept(row: Any) -> dict[str, Any]:
    named = ("number", "submitted_on", "submitted_at", "submitted_by", "superseded_at", "reopened_by", "reopened_at",
        "reopened_why")  # fmt: skip
    return {name: getattr(row, name) for name in named} | {"state": "superseded", "grades": grades_out(row)}


def _standing(row: Any) -> dict[str, Any]:
    return {
        "number": row.edition, "state": "counts", "submitted_on": day_of(row), "submitted_at": row.submitted_at,
        "submitted_by": row.submitted_by, "grades": grades_out(row),
    }  # fmt: skip
