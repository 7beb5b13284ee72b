"""What changed among the figures, act by act in the order of the activity log, which no late commit can slip past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from services.indicator_api.places import readable
from shared.auth.caller import Caller
from shared.tables import activity, activity_head, activity_seal

_now, _import = metadata.tables["observation"], metadata.tables["observation_import"]
KEY = ("indicator", "area", "period", "breakdown")
_NUMBERS = ("value", "numerator", "denominator")
_OTHERS = ("value_status", "provisional", "revised", "definition_version", "revision", "source_ref", "recorded_at")
_ACTS = 100


class Mark(NamedTuple):
    """How far a follower has read: an act's position in the log, and the last key read of it (empty: all of it)."""

    position: int
    key: tuple[str, ...]


class Act(NamedTuple):
    position: int
    import_id: UUID
    recorded_at: datetime
    withdrawal: bool


async def position_since(session: AsyncSession, since: datetime | None) -> int:
    """The position in the log after which everything is later than a moment; the head's for none."""
    if since is None:
        return int((await session.execute(sa.select(activity_head.c.position))).scalar_one())
    earlier = (
        sa.select(sa.func.max(activity_seal.c.position))
        .join(activity, activity.c.id == activity_seal.c.activity_id)
        .where(activity.c.at < since)
    )
    return int((await session.execute(earlier)).scalar_one() or 0)


async def changes_after(
    session: AsyncSession, caller: Caller, mark: Mark, limit: int
) -> tuple[list[dict[str, Any]], Mark, bool]:
    """Figures as they stand that came by acts after the mark, how far that reads, and whether there is more.

    A figure that a later act overwrote is told there; so a follower ends with what is stored.
    """
    found: list[dict[str, Any]] = []
    acts = await _acts(session, mark)
    for act in acts[:_ACTS]:
        room = limit - len(found)
        after = mark.key if act.position == mark.position else ()
        rows = await _figures_of(session, caller, act, after, room + 1)
        if len(rows) > room:
            taken = rows[:room]
            found += taken
            return found, Mark(act.position, tuple(taken[-1][name] for name in KEY)) if taken else mark, True
        found += rows
        mark = Mark(act.position, ())
    return found, mark, len(acts) > _ACTS


async def _acts(session: AsyncSession, mark: Mark) -> Sequence[Act]:
    behind = activity_seal.c.position >= mark.position if mark.key else activity_seal.c.position > mark.position
    statement = (
        sa.select(activity_seal.c.position, _import.c.id, _import.c.recorded_at, _import.c.kind == "withdrawal")
        .join(activity, activity.c.id == activity_seal.c.activity_id)
        .join(_import, sa.cast(_import.c.id, sa.Text) == activity.c.subject_id)
        .where(activity.c.subject_type == "observation_import", behind)
        .order_by(activity_seal.c.position)
        .limit(_ACTS + 1)
    )
    return [Act(*row) for row in (await session.execute(statement)).all()]


async def _figures_of(
    session: AsyncSession, caller: Caller, act: Act, after: tuple[str, ...], limit: int
) -> list[dict[str, Any]]:
    """The figures that still stand as an act left them, in the order of their key."""
    numbers: list[Any] = [sa.cast(_now.c[name], sa.Double()).label(name) for name in _NUMBERS]
    # Found by the pages of the act's own time first: in the order of the key all figures would be gone through.
    mine = (
        sa.select(*(_now.c[name] for name in KEY), *numbers, *(_now.c[name] for name in _OTHERS))
        .where(_now.c.recorded_at >= act.recorded_at, _now.c.import_id == act.import_id)
        .where(await readable(session, caller, _now.c.area))
        .cte("mine")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    key = [mine.c[name] for name in KEY]
    statement = sa.select(mine).order_by(*key).limit(limit)
    if after:
        statement = statement.where(sa.tuple_(*key) > sa.tuple_(*(sa.literal(part) for part in after)))
    rows = (await session.execute(statement)).mappings()
    return [{**row, "position": act.position, "removed": act.withdrawal} for row in rows]
