"""Reading activities and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import ParticipationActivity, ParticipationChange, ParticipationGroup, table_of
from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.keyset import before
from shared.organisation.units import require_visible
from shared.paging import Cursor
from shared.problems import NotFound

activities = table_of(ParticipationActivity)
groups = table_of(ParticipationGroup)
changes = table_of(ParticipationChange)
Row = dict[str, Any]


@dataclass(frozen=True)
class Filters:
    """What a list may be narrowed to; the days are those on which activities ended."""

    unit: str | None
    first: date | None
    last: date | None
    method: str | None = None
    stage: str | None = None
    took_place: bool | None = None
    theme: str | None = None


async def _narrowed(session: AsyncSession, caller: Caller, filters: Filters) -> list[sa.ColumnElement[bool]]:
    found = []
    units = await units_in_view(session, caller, filters.unit)
    if units is not None:
        found.append(activities.c.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    if filters.first is not None:
        found.append(activities.c.ended_on >= filters.first)
    if filters.last is not None:
        found.append(activities.c.ended_on <= filters.last)
    return found


async def list_activities(session: AsyncSession, caller: Caller, filters: Filters, at: Cursor) -> list[Row]:
    """One page and a row more of the activities the caller may see, newest first; withdrawn ones too."""
    key = (activities.c.ended_on, activities.c.id)
    statement = sa.select(activities).where(before(at, *key), *await _narrowed(session, caller, filters))
    named = {"method": filters.method, "commissioning_stage": filters.stage, "took_place": filters.took_place}
    for name, value in named.items():
        if value is not None:
            statement = statement.where(activities.c[name] == value)
    if filters.theme is not None:
        statement = statement.where(activities.c.themes.contains([filters.theme]))
    ordered = statement.order_by(*(column.desc() for column in key)).limit(at.fetch)
    return [dict(row) for row in (await session.execute(ordered)).mappings()]


async def find_activity(session: AsyncSession, caller: Caller, activity: UUID, *, lock: bool = False) -> Row:
    """Raises NotFound where there is none, or it belongs to units the caller does not see."""
    statement = sa.select(activities).where(activities.c.id == activity)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    return dict(row)


async def groups_of(session: AsyncSession, activity: UUID) -> list[Row]:
    columns = (groups.c.respondent_group, groups.c.people, groups.c.age_bands)
    statement = sa.select(*columns).where(groups.c.activity_id == activity).order_by(groups.c.respondent_group)
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def changes_of(session: AsyncSession, activity: UUID) -> list[Row]:
    statement = sa.select(changes).where(changes.c.activity_id == activity).order_by(changes.c.id)
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def find_change(session: AsyncSession, caller: Caller, change: UUID, *, lock: bool = False) -> tuple[Row, Row]:
    """An entry and its activity; raises NotFound as for an activity."""
    statement = sa.select(changes).where(changes.c.id == change)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    return dict(row), await find_activity(session, caller, row["activity_id"])


async def list_shared(session: AsyncSession, caller: Caller, filters: Filters, at: Cursor) -> Sequence[sa.Row[Any]]:
    """One page and a row more of the entries approved for sharing, those of the latest activities first."""
    key = (activities.c.ended_on, changes.c.id)
    own = ("id", "said", "did", "why_not", "told_back_on", "themes", "approved_at")
    statement: sa.Select[Any] = (
        sa.select(
            *(changes.c[name] for name in own),
            activities.c.unit,
            activities.c.title.label("activity"),
            activities.c.method,
            activities.c.ended_on,
        )
        .join(activities, activities.c.id == changes.c.activity_id)
        .where(
            changes.c.approved_by.is_not(None),
            activities.c.withdrawn_because.is_(None),
            before(at, *key),
            *await _narrowed(session, caller, filters),
        )
    )
    if filters.theme is not None:
        statement = statement.where(changes.c.themes.contains([filters.theme]))
    ordered = statement.order_by(*(column.desc() for column in key)).limit(at.fetch)
    rows: Sequence[sa.Row[Any]] = (await session.execute(ordered)).all()
    return rows
