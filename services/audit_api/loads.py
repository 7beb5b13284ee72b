"""What each auditor has in hand: counted in one place, for the records of auditors and for giving out cases."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Audit
from services.audit_api.registry import table_of
from shared.clock import local_midnight

_audits = table_of(Audit)


async def read_loads(session: AsyncSession, on: date) -> dict[str, tuple[int, int]]:
    """For each auditor: audits that are open or were given this month, each once; and those given this month."""
    still_open = _audits.c.status.in_(("allocated", "in_progress"))
    given_now = _audits.c.allocated_at >= local_midnight(on.replace(day=1))
    statement = (
        sa.select(_audits.c.auditor, sa.func.count(), sa.func.count().filter(given_now))
        .where(_audits.c.status != "withdrawn", sa.or_(still_open, given_now))
        .group_by(_audits.c.auditor)
    )
    return {row[0]: (row[1], row[2]) for row in await session.execute(statement)}
