"""Reminders as events: three working days before, on the day, and each week that something is late, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Reminder
from services.audit_api.registry import table_of
from services.audit_api.worklists.queries import supervision_of
from services.audit_api.worklists.things import THINGS, Kind
from shared.activity.record import record_activity
from shared.auth.caller import system_caller
from shared.clock import local_date
from shared.working_days import add_working_days, subtract_working_days

_reminders = table_of(Reminder)
_CALLER = system_caller("reminders")
_DAYS_BEFORE = 3
# What a deed is about: a milestone's belongs to its recommendation, an effect's to its action.
_SUBJECTS: dict[Kind, str] = {"milestone": "recommendation", "impact_review": "action"}


def stage_of(due_on: date, agreed_for: date, today: date) -> str | None:
    """Which reminder is due of something on a day; none where it is too early, or in its first week of being late."""
    if agreed_for == today:
        return "due_today"
    if subtract_working_days(agreed_for, _DAYS_BEFORE) <= today < agreed_for:
        return "due_soon"
    weeks = (today - due_on).days // 7
    return f"overdue_{weeks}_weeks" if weeks > 0 else None


async def remind(session: AsyncSession, kind: Kind, now: datetime) -> int:
    """Write down what is to be reminded of now; what another replica was first with is left to it."""
    today = local_date(now)
    supervision = kind == "supervision_audit"
    statement = await supervision_of(session, _CALLER, None, today) if supervision else THINGS[kind]
    if statement is None:
        return 0
    things = statement.subquery()
    soon = add_working_days(today, _DAYS_BEFORE)
    near = sa.select(things).where(sa.or_(things.c.due_on < today, things.c.agreed_for.between(today, soon)))
    rows = (await session.execute(near)).all()
    due = [(row, stage) for row in rows if (stage := stage_of(row.due_on, row.agreed_for, today)) is not None]
    new = await _first(session, kind, due, now) if due else set()
    given = [(row, stage) for row, stage in due if (row.id, row.agreed_for, stage) in new]
    for row, stage in given:
        await _tell(session, kind, row, stage, today)
    return len(given)


async def _first(
    session: AsyncSession, kind: Kind, due: Sequence[tuple[Any, str]], now: datetime
) -> set[tuple[str, date, str]]:
    rows = [
        {"kind": kind, "subject": row.id, "due_on": row.agreed_for, "stage": stage, "given_at": now}
        for row, stage in due
    ]
    statement = insert(_reminders).on_conflict_do_nothing()
    told = statement.returning(_reminders.c.subject, _reminders.c.due_on, _reminders.c.stage)
    return {tuple(one) for one in (await session.execute(told, rows)).all()}


async def _tell(session: AsyncSession, kind: Kind, row: Any, stage: str, today: date) -> None:
    data = {
        "kind": kind, "stage": stage, "due_on": row.due_on.isoformat(), "agreed_for": row.agreed_for.isoformat(),
        "days_left": (row.agreed_for - today).days, "owner_role": row.owner_role, "owner_subject": row.owner_subject,
    }  # fmt: skip
    subject_type, subject = _SUBJECTS.get(kind, kind), row.id.split(":", maxsplit=1)[0]
    await record_activity(session, _CALLER, f"{kind}.reminder_due", subject_type, subject, unit=row.unit, data=data)
