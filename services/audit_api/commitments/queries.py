"""The audits a commitment counts, done and to come; cases are told apart by their references."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Audit
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller

_audits = table_of(Audit)
_OPEN = ("allocated", "in_progress")


async def done(session: AsyncSession, caller: Caller, types: Sequence[str], first: date, last: date) -> Sequence[Any]:
    """The submitted audits of these types that count for the year, in order of their days."""
    statement = (
        sa.select(
            _audits.c.id, _audits.c.case_reference, _audits.c.unit, _audits.c.audit_type, _audits.c.counts_on
        )
        .where(
            _audits.c.submitted_on.is_not(None),
            _audits.c.status != "withdrawn",
            _audits.c.counts_on.between(first, last),
            _audits.c.audit_type.in_(types),
            await reached(session, caller, _audits.c.unit, _audits.c.auditor),
        )
        .order_by(_audits.c.counts_on, _audits.c.id)
    )  # fmt: skip
    return (await session.execute(statement)).all()


async def cases_to_come(
    session: AsyncSession, caller: Caller, types: Sequence[str], first: date, last: date, today: date
) -> set[str]:
    """The cases with an open audit that will count for the year: in a round the round's, else when it is due.

    One by itself that is late counts for the day it is done, which is today at the earliest.
    """
    allocated_on = sa.cast(sa.func.timezone("Europe/London", _audits.c.allocated_at), sa.Date)
    by_itself = sa.func.greatest(sa.func.coalesce(_audits.c.due_on, allocated_on), today)
    statement = sa.select(_audits.c.case_reference).where(
        _audits.c.submitted_on.is_(None),
        _audits.c.status.in_(_OPEN),
        sa.func.coalesce(_audits.c.counts_on, by_itself).between(first, last),
        _audits.c.audit_type.in_(types),
        await reached(session, caller, _audits.c.unit, _audits.c.auditor),
    )
    return set((await session.execute(statement.distinct())).scalars())
