"""What time alone does to occurrences: they fall due, become late or missed, and their drafts are asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.occurrences import OPEN, c, table
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.jobs import enqueue
from shared.tables import job

ASSEMBLE = "assemble"
_later = table.alias("later")


async def mark(session: AsyncSession, caller: Caller, today: date) -> int:
    """Mark what fell due, became late or was missed by this day; returns how many changed.

    Run twice, or by two at once, each change is made and recorded once: the second finds nothing left to do. The days
    are those on which it happened, however long nobody ticked.
    """
    regular = c.requested_by.is_(None)
    next_due = (
        sa.select(sa.func.min(_later.c.due_on))
        .where(
            _later.c.report == c.report, _later.c.period_end > c.period_end,
            _later.c.due_on < today, _later.c.withdrawn_on.is_(None),
        )
        .scalar_subquery()
    )  # fmt: skip
    overtaken_on = sa.func.greatest(next_due, c.due_on) + 1
    changes: tuple[tuple[str, sa.ColumnElement[bool], dict[str, Any]], ...] = (
        ("occurrence.due", sa.and_(c.stage == "planned", c.opens_on <= today, c.due_on.is_not(None)),
         {"stage": "due"}),
        ("occurrence.late", sa.and_(c.late_on.is_(None), c.due_on < today), {"late_on": c.due_on + 1}),
        # A report is missed when the next of its kind has fallen due without it.
        ("occurrence.missed", sa.and_(c.late_on.is_not(None), c.missed_on.is_(None), regular, next_due.is_not(None)),
         {"missed_on": overtaken_on}),
    )  # fmt: skip
    count = 0
    for action, condition, values in changes:
        rows = await session.execute(
            sa.update(table)
            .where(OPEN, condition)
            .values(**values, version=c.version + 1)
            .returning(c.id, c.unit, c.report, c.period)
        )
        for row in rows.all():
            count += 1
            await record_activity(
                session, caller, action, "occurrence", row.id, unit=row.unit,
                data={"report": row.report, "period": row.period},
            )  # fmt: skip
    return count


async def ask_for_drafts(session: AsyncSession, caller: Caller, now: datetime, today: date) -> int:
    """Put an assembly in the queue for each occurrence that is due and each draft that waits for a source.

    The day is part of the key: an assembly that failed for good is tried again on the next.
    """
    newer = sa.exists().where(
        _later.c.report == c.report, _later.c.period_end > c.period_end,
        _later.c.opens_on <= today, _later.c.due_on.is_not(None), _later.c.withdrawn_on.is_(None),
    )  # fmt: skip
    caught_up = sa.or_(
        c.catch_up == "all",
        sa.and_(c.catch_up == "latest", ~newer),
        sa.and_(c.catch_up == "none", c.due_on >= today),
    )
    first = sa.and_(c.stage.in_(("due", "assembling")), caught_up)
    again = sa.and_(c.stage == "draft", c.refresh_after <= now)
    key = sa.func.concat(c.id, ":", c.assemblies, ":", today.isoformat())
    asked = sa.exists().where(job.c.kind == ASSEMBLE, job.c.key == key)
    rows = await session.execute(
        sa.select(c.id, c.assemblies, key.label("key")).where(OPEN, sa.or_(first, again), ~asked)
    )
    return sum([await _ask(session, caller, row) for row in rows.all()])


async def _ask(session: AsyncSession, caller: Caller, row: Any) -> bool:
    payload = {"occurrence": str(row.id), "assemblies": row.assemblies}
    return await enqueue(session, ASSEMBLE, row.key, payload, caller.subject) is not None
