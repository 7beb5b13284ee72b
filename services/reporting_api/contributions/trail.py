"""Every step of a contribution: the row changed, the dated trail and the activity log, together."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.owed import c, event_table, table
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id


async def begin(
    session: AsyncSession,
    caller: Caller,
    occurrence: Any,
    kind: str,
    code: str,
    parts: list[dict[str, str]],
    due_on: date,
    today: date,
    words: str | None = None,
    *,
    by_hand: bool = False,
) -> UUID | None:
    """Ask one contributor; None where it is asked already."""
    contribution = new_id()
    made = await session.execute(
        insert(table)
        .values(
            id=contribution, occurrence=occurrence.id, contributor_kind=kind, contributor=code, parts=parts,
            asked_on=today, due_on=due_on, originally_due_on=due_on, due_by_hand=by_hand, chases=0, version=1,
        )
        .on_conflict_do_nothing(constraint="uq_contribution_contributor")
        .returning(c.id)
    )  # fmt: skip
    if made.one_or_none() is None:
        return None
    await _write(
        session, caller, contribution, "asked", today, due_on, unit=occurrence.unit, words=words,
        data={"report": occurrence.report, "period": occurrence.period, "contributor": code},
    )  # fmt: skip
    return contribution


async def step(
    session: AsyncSession,
    caller: Caller,
    row: Any,
    kind: str,
    today: date,
    *,
    how: str | None = None,
    words: str | None = None,
    number: int | None = None,
    **values: Any,
) -> None:
    """Take one step of a contribution whose row is held."""
    await session.execute(sa.update(table).where(c.id == row.id).values(**values, version=c.version + 1))
    await _write(
        session, caller, row.id, kind, today, values.get("due_on", row.due_on), unit=row.unit, how=how, words=words,
        submission=number, data={"report": row.report, "period": row.period, "contributor": row.contributor},
    )  # fmt: skip


async def _write(
    session: AsyncSession,
    caller: Caller,
    contribution: UUID,
    kind: str,
    today: date,
    due_on: date,
    *,
    unit: str | None,
    how: str | None = None,
    words: str | None = None,
    submission: int | None = None,
    data: dict[str, str],
) -> None:
    await session.execute(
        sa.insert(event_table).values(
            id=new_id(), contribution=contribution, kind=kind, happened_on=today, by=caller.subject, how=how,
            words=words, due_on=due_on, submission=submission,
        )
    )  # fmt: skip
    await record_activity(
        session, caller, f"contribution.{kind}", "contribution", contribution, unit=unit, content=words,
        data={**data, "due_on": due_on.isoformat()},
    )  # fmt: skip
