"""One audit as it goes out, the draft of a correction in place of what was submitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.parts import parts_from, parts_of
from services.audit_api.audits.queries import read_audit, read_correction
from services.audit_api.audits.rendering import AuditOut, audit_out, escalated_by
from services.audit_api.audits.service import Begun
from services.audit_api.escalating import called_about
from services.audit_api.questionnaires import questionnaire
from services.audit_api.states import is_correction
from shared.auth.caller import Caller
from shared.problems import NotFound
from shared.work import Work

_BESIDE = {"submitted_on": None, "submitted_at": None, "submitted_by": None, "closed_on": None, "blind": False}
_GRADES = {"quality_grade": None, "outcomes_grade": None, "process_grade": None}


async def answer_begun(work: Work, caller: Caller, begun: Begun, now: datetime) -> dict[str, Any]:
    """A new audit as `read_whole` would give it, in plain values and without reading what has just been written."""
    wanted = escalated_by(begun.parts)
    called = await called_about(await work.session(), wanted, now) if wanted else []
    row = SimpleNamespace(**_BESIDE | _GRADES | begun.row)
    return audit_out(row, begun.parts, begun.paper, caller, called)


async def read_whole(session: AsyncSession, caller: Caller, audit: UUID, now: datetime) -> AuditOut:
    """The audit with all it holds; raises NotFound where there is none within reach."""
    row = await read_audit(session, caller, audit)
    if row is None:
        raise NotFound()
    paper = await questionnaire(session, row.tool, row.tool_version, row.tool_hash)
    correction = await read_correction(session, audit) if is_correction(row) else None
    parts = parts_of(row) if correction is None else parts_from(correction.content)
    if row.blind:
        parts = replace(parts, answers={}, findings=(), no_strength_reason=None)
    wanted = escalated_by(parts)
    called = await called_about(session, wanted, now) if wanted else []
    return AuditOut.model_validate(audit_out(row, parts, paper, caller, called, correction))
