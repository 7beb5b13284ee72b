"""Comparing what is held here with what the complaints system holds."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import Complaint, Compliment, table_of
from services.feedback_api.reconciliation.schemas import DifferenceOut, MonthOut, ReconciledCountsOut
from shared.auth.caller import Caller
from shared.organisation.units import visible_units


async def _mine(session: AsyncSession, caller: Caller, table: sa.Table) -> sa.ColumnElement[bool]:
    allowed = await visible_units(session, caller)
    return sa.true() if allowed is None else table.c.unit.in_(sorted(allowed))


async def count_months(session: AsyncSession, caller: Caller, first: date, last: date) -> ReconciledCountsOut:
    """Complaints and compliments by the month they were received in; a month without any has 0."""
    counts: dict[str, Counter[str]] = {}
    for name, model in (("complaints", Complaint), ("compliments", Compliment)):
        table = table_of(model)
        month = sa.func.to_char(table.c.received_on, "YYYY-MM")
        statement = (
            sa.select(month.label("month"), sa.func.count().label("n"))
            .where(table.c.received_on.between(first, last), await _mine(session, caller, table))
            .group_by(month)
        )
        counts[name] = Counter({row.month: row.n for row in (await session.execute(statement)).all()})
    months = [
        MonthOut(month=code, complaints=counts["complaints"][code], compliments=counts["compliments"][code])
        for code in _months(first, last)
    ]
    totals = {name: sum(found.values()) for name, found in counts.items()}
    return ReconciledCountsOut.model_validate({"from": first, "to": last, "months": months, **totals})


def _months(first: date, last: date) -> list[str]:
    span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{place // 12}-{place % 12 + 1:02d}" for place in span]


async def compare(
    session: AsyncSession, caller: Caller, model: type[Any], references: list[str], first: date, last: date
) -> DifferenceOut:
    """The references missing on either side, and those held with another day of receipt."""
    table = table_of(model)
    listed = set(references)
    inside = table.c.received_on.between(first, last)
    wanted = table.c.respond_ref == sa.any_(sa.literal(sorted(listed), sa.ARRAY(sa.Text)))
    statement = sa.select(table.c.respond_ref, inside.label("inside")).where(
        sa.or_(inside, wanted), await _mine(session, caller, table)
    )
    held = {row.respond_ref: row.inside for row in (await session.execute(statement)).all()}
    here = {reference for reference, within in held.items() if within}
    return DifferenceOut(
        in_source=len(listed),
        here=len(here),
        missing_here=sorted(listed - set(held)),
        missing_in_source=sorted(here - listed),
        received_outside=sorted((listed & set(held)) - here),
    )
