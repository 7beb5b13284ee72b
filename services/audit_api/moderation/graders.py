"""Who may grade an audit again: judged when it is given to somebody, and once more when the grading comes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.moderation import queries
from services.audit_api.moderation.rules import refuse, why_not
from services.audit_api.moderation.schemas import GraderIn
from shared.auth.caller import Caller
from shared.framework.store import check_codes


async def check_grader(session: AsyncSession, audit: Any, number: UUID, given: GraderIn) -> bool:
    """Whether the grader has read the audit before; raises GraderNotIndependent where somebody else must grade."""
    await check_codes(session, "units", {"/grader_unit": given.grader_unit})
    on_case, before = await _kept_from(session, number)
    refuse("/grader", why_not(audit, given.grader, given.grader_unit, on_case, before))
    return await queries.has_read(session, given.grader, number)


async def check_caller(session: AsyncSession, caller: Caller, held: Any) -> None:
    """Raises GraderNotIndependent for a caller who may not grade the audit, as the token and the records say now."""
    on_case, before = await _kept_from(session, held.audit_id)
    refuse("/grader", why_not(held, caller.subject, caller.unit, on_case, before))


async def _kept_from(session: AsyncSession, audit: UUID) -> tuple[set[str], set[str]]:
    on_case = await queries.on_the_case(session, [audit])
    before = await queries.graders_before(session, [audit])
    return on_case.get(audit, set()), before.get(audit, set())
