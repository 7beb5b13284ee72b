"""What each body still waits for, measured against the dates first agreed (R42)."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.actions.queries import GIVEN, actions, is_overdue
from services.audit_api.actions.schemas import OverdueLine, OverdueOut
from services.audit_api.reach import reached
from shared.auth.caller import Caller


async def overdue_by_body(
    session: AsyncSession, caller: Caller, units: frozenset[str] | None, today: date
) -> OverdueOut:
    """A line for each body with something overdue, the longest waiting first."""
    first_due = sa.func.least(actions.c.due_on, actions.c.original_due_on)
    oldest = sa.func.array_agg(aggregate_order_by(actions.c.id, first_due, actions.c.id))
    statement = (
        sa.select(
            actions.c.body,
            sa.func.count().label("overdue"),
            sa.func.count().filter(actions.c.due_on >= today).label("redated_past_today"),
            sa.func.min(first_due).label("oldest_due_on"),
            oldest[1].label("oldest"),
        )
        .where(is_overdue(today), await reached(session, caller, actions.c.unit, *GIVEN))
        .group_by(actions.c.body)
        .order_by(sa.func.min(first_due), actions.c.body)
    )
    if units is not None:
        statement = statement.where(actions.c.unit.in_(sorted(units)))
    lines = [_line(row, today) for row in (await session.execute(statement)).all()]
    return OverdueOut(as_at=today, overdue=sum(line.overdue for line in lines), bodies=lines)


def _line(row: Any, today: date) -> OverdueLine:
    return OverdueLine(
        body=row.body,
        overdue=row.overdue,
        redated_past_today=row.redated_past_today,
        oldest=str(row.oldest),
        oldest_due_on=row.oldest_due_on,
        days_overdue=(today - row.oldest_due_on).days,
    )
