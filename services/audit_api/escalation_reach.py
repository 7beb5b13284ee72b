"""Which escalations a caller may know of: those within reach, and never as a subject who has not been told."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.escalating import escalations
from services.audit_api.reach import reached
from shared.auth.caller import Caller
from shared.tables import org_unit


async def line_of(session: AsyncSession, caller: Caller) -> frozenset[str]:
    """The caller's unit and all above it; nothing where the token names no unit."""
    if caller.unit is None:
        return frozenset()
    above = sa.select(org_unit.c.code, org_unit.c.parent).where(org_unit.c.code == caller.unit)
    line = above.cte("line", recursive=True)
    higher = org_unit.alias("higher")
    line = line.union(sa.select(higher.c.code, higher.c.parent).join(line, higher.c.code == line.c.parent))
    return frozenset((await session.execute(sa.select(line.c.code))).scalars())


async def visible(session: AsyncSession, caller: Caller, line: frozenset[str]) -> sa.ColumnElement[bool]:
    """The condition that the caller may know of the escalation."""
    mine = escalations.c.raised_by, escalations.c.against_account
    within: sa.ColumnElement[bool] = sa.or_(*(column == caller.subject for column in mine))
    # What is said of a colleague is not for everybody who may read the unit's audits.
    if caller.may("audit:write"):
        within = await reached(session, caller, escalations.c.unit, *mine)
    kept_from_subject = sa.and_(
        escalations.c.rules["subject_sees"].astext == "once_told", escalations.c.subject_told_at.is_(None)
    )
    nobody_named = escalations.c.against_account.is_(None)
    against_caller = sa.or_(
        escalations.c.against_account == caller.subject,
        sa.and_(nobody_named, escalations.c.against_unit.in_(sorted(line))),
    )
    if caller.unit is None:
        may_hold_the_post = sa.and_(nobody_named, escalations.c.against_role.in_(sorted(caller.roles)))
        against_caller = sa.or_(against_caller, may_hold_the_post)
    hidden = sa.and_(kept_from_subject, sa.func.coalesce(against_caller, False))
    return sa.and_(within, sa.or_(escalations.c.raised_by == caller.subject, ~hidden))
