"""Reading the duty queue: the oldest flag nobody has acknowledged comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import events, flags
from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.extracts.instants import read_instant
from shared.organisation.units import require_visible
from shared.paging import Cursor, cursor_key
from shared.problems import NotFound

RANK = sa.case((flags.c.status == "waiting", 0), (flags.c.status == "acknowledged", 1), else_=2)


@dataclass(frozen=True)
class Filters:
    """What the queue may be narrowed to."""

    status: str
    overdue: bool | None
    unit: str | None
    subject_kind: str | None


async def list_flags(
    session: AsyncSession, caller: Caller, filters: Filters, at: Cursor, now: datetime
) -> Sequence[sa.Row[Any]]:
    """One page and a row more: those nobody has acknowledged first, among them the oldest."""
    statement = sa.select(flags, RANK.label("rank"))
    if at.after is not None:
        told_at, key = cursor_key(at.after[1:], read_instant, UUID)
        place = (sa.literal(at.after[0]), sa.literal(told_at), sa.literal(key))
        statement = statement.where(sa.tuple_(RANK, flags.c.told_at, flags.c.id) > sa.tuple_(*place))
    if filters.status == "open":
        statement = statement.where(flags.c.status != "decided")
    elif filters.status != "all":
        statement = statement.where(flags.c.status == filters.status)
    if filters.overdue is not None:
        statement = statement.where(sa.func.coalesce(flags.c.due_at <= now, False).is_(filters.overdue))
    if filters.subject_kind is not None:
        statement = statement.where(flags.c.subject_kind == filters.subject_kind)
    units = await units_in_view(session, caller, filters.unit)
    if units is not None:
        statement = statement.where(flags.c.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    statement = statement.order_by(RANK, flags.c.told_at, flags.c.id).limit(at.fetch)
    return (await session.execute(statement)).all()


async def find_flag(session: AsyncSession, caller: Caller, flag_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    """Raises NotFound where there is none, or it belongs to units the caller does not see."""
    statement = sa.select(flags).where(flags.c.id == flag_id)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    return dict(row)


async def read_events(session: AsyncSession, flag_id: UUID) -> Sequence[sa.Row[Any]]:
    statement = sa.select(events).where(events.c.flag_id == flag_id).order_by(events.c.position)
    return (await session.execute(statement)).all()


async def count_open(session: AsyncSession, now: datetime) -> sa.Row[Any]:
    """How many flags wait to be acknowledged, how many are past their time, and since when the oldest waits."""
    waiting = flags.c.status == "waiting"
    statement = sa.select(
        sa.func.count().filter(waiting).label("waiting"),
        sa.func.count().filter(flags.c.due_at <= now).label("overdue"),
        sa.func.min(flags.c.told_at).filter(waiting).label("oldest"),
    ).where(flags.c.status != "decided")
    counts: sa.Row[Any] = (await session.execute(statement)).one()
    return counts
