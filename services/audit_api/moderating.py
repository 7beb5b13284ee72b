"""Who may know of a moderation, and whom it waits for."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Audit
from services.audit_api.moderation_models import Moderation
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller

audits, moderations = table_of(Audit), table_of(Moderation)


async def known_to(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on moderations joined to their audits: within reach, or given to the caller to grade."""
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    return sa.or_(within, moderations.c.moderator == caller.subject, moderations.c.third_grader == caller.subject)


def waits_for(caller: Caller) -> sa.ColumnElement[bool]:
    """Whether the moderation can only go on with the caller."""
    moderator, auditor = moderations.c.moderator == caller.subject, audits.c.auditor == caller.subject
    status = moderations.c.status
    return sa.or_(
        sa.and_(status == "allocated", moderator),
        sa.and_(status == "conflict", moderations.c.third_grader == caller.subject),
        sa.and_(status == "consolidating", sa.or_(moderator, auditor)),
        sa.and_(status == "proposed", sa.or_(moderator, auditor), moderations.c.proposed_by != caller.subject),
    )
