"""Reading figures, as they stand and as they stood, and the imports they came by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import FIGURE_COLUMNS, metadata
from services.indicator_api.places import present_codes, readable
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.paging import Cursor, cursor_key

Figure = dict[str, Any]

_now, _past = metadata.tables["observation"], metadata.tables["observation_history"]
_import = metadata.tables["observation_import"]
KEY = ("indicator", "area", "period", "breakdown")
# Numbers travel as the text PostgreSQL keeps, so that 65.0 comes back as 65.0.
_NUMBERS = ("numerator", "denominator", "value")


def columns_of(source: sa.FromClause) -> list[Any]:
    return [
        sa.cast(source.c[name], sa.Text).label(name) if name in _NUMBERS else source.c[name] for name in FIGURE_COLUMNS
    ]


async def find_figure(session: AsyncSession, key: Sequence[str]) -> Figure:
    """The figure that stands under a key known to be there."""
    statement = sa.select(*columns_of(_now)).where(*(_now.c[name] == part for name, part in zip(KEY, key, strict=True)))
    return dict((await session.execute(statement)).mappings().one())


async def list_history(
    session: AsyncSession, caller: Caller, key: Sequence[str], at: Cursor, *, past: bool
) -> list[Figure]:
    """A page of every value a key ever had, the latest first; without its past only the one it has."""
    area = (await present_codes(session, [key[1]]))[0]
    parts = dict(zip(KEY, (key[0], area, *key[2:]), strict=True))
    standing = sa.select(
        *columns_of(_now),
        sa.null().cast(sa.DateTime(timezone=True)).label("superseded_at"),
        sa.null().cast(sa.Uuid).label("superseded_by"),
    ).where(*(_now.c[name] == part for name, part in parts.items()))
    superseded = sa.select(*columns_of(_past), _past.c.superseded_at, _past.c.superseded_by).where(
        *(_past.c[name] == part for name, part in parts.items())
    )
    every = (sa.union_all(standing, superseded) if past else standing).subquery("every")
    statement = (
        sa.select(every, _import.c.recorded_by)
        .outerjoin(_import, _import.c.id == every.c.import_id)
        .where(await readable(session, caller, every.c.area))
        .order_by(every.c.revision.desc())
        .limit(at.fetch)
    )
    if at.after is not None:
        statement = statement.where(every.c.revision < at.after[0])
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def list_imports(session: AsyncSession, caller: Caller, at: Cursor) -> list[sa.Row[Any]]:
    """A page of the imports this caller may see, the latest first."""
    statement = sa.select(_import).order_by(_import.c.id.desc()).limit(at.fetch)
    if at.after is not None:
        statement = statement.where(_import.c.id < cursor_key(at.after, UUID)[0])
    allowed = await visible_units(session, caller)
    if allowed is not None:
        statement = statement.where(_import.c.unit.in_(sorted(allowed)))
    return list((await session.execute(statement)).all())


async def find_import(session: AsyncSession, caller: Caller, import_id: UUID) -> sa.Row[Any] | None:
    """One import; None where there is none this caller may see."""
    row = (await session.execute(sa.select(_import).where(_import.c.id == import_id))).one_or_none()
    allowed = await visible_units(session, caller)
    return row if row is not None and (allowed is None or row.unit in allowed) else None
