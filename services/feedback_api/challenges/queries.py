"""Reading challenges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import Challenge, table_of
from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.keyset import before
from shared.organisation.units import require_visible
from shared.paging import Cursor, cursor_key
from shared.problems import NotFound
from shared.tables import framework_item, org_unit

challenges = table_of(Challenge)
Row = dict[str, Any]
_UNANSWERED = challenges.c.status.in_(["open", "sent_back"])


@dataclass(frozen=True)
class Filters:
    """What a list of challenges may be narrowed to."""

    body: str | None
    unit: str | None
    status: str | None = None
    about: str | None = None
    ref: str | None = None
    first: date | None = None
    last: date | None = None


async def _narrowed(session: AsyncSession, caller: Caller, filters: Filters) -> list[sa.ColumnElement[bool]]:
    found = []
    units = await units_in_view(session, caller, filters.unit)
    if units is not None:
        found.append(challenges.c.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    named = {
        "raised_by_body": filters.body,
        "status": filters.status,
        "about_kind": filters.about,
        "about_ref": filters.ref,
    }
    found += [challenges.c[name] == value for name, value in named.items() if value is not None]
    if filters.first is not None:
        found.append(challenges.c.raised_on >= filters.first)
    if filters.last is not None:
        found.append(challenges.c.raised_on <= filters.last)
    return found


async def list_rows(session: AsyncSession, caller: Caller, filters: Filters, at: Cursor) -> list[Row]:
    """One page and a row more of the challenges the caller may see, newest first."""
    key = (challenges.c.raised_on, challenges.c.id)
    statement = sa.select(challenges).where(before(at, *key), *await _narrowed(session, caller, filters))
    statement = statement.order_by(*(column.desc() for column in key)).limit(at.fetch)
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def list_unanswered(session: AsyncSession, caller: Caller, filters: Filters, at: Cursor) -> list[Row]:
    """One page and a row more of those without a response that stands, the longest due first."""
    key = (challenges.c.response_due, challenges.c.id)
    statement = sa.select(challenges).where(_UNANSWERED, *await _narrowed(session, caller, filters))
    if at.after is not None:
        place = cursor_key(at.after, date.fromisoformat, UUID)
        statement = statement.where(sa.tuple_(*key) > sa.tuple_(*(sa.literal(part) for part in place)))
    ordered = statement.order_by(*key).limit(at.fetch)
    return [dict(row) for row in (await session.execute(ordered)).mappings()]


async def count_unanswered(
    session: AsyncSession, caller: Caller, filters: Filters, today: date
) -> Sequence[sa.Row[Any]]:
    """How many are unanswered and overdue, by body and by unit, with their names."""
    late = sa.func.count().filter(challenges.c.response_due < today)
    body, unit = challenges.c.raised_by_body, challenges.c.unit
    boards = framework_item.alias()
    statement = (
        sa.select(
            body.label("body"),
            unit.label("unit"),
            sa.func.max(boards.c.content["name"].astext).label("board"),
            sa.func.max(org_unit.c.name).label("name"),
            sa.func.count().label("unanswered"),
            late.label("overdue"),
        )
        .join(boards, sa.and_(boards.c.kind == "boards", boards.c.code == body), isouter=True)
        .join(org_unit, org_unit.c.code == unit, isouter=True)
        .where(_UNANSWERED, *await _narrowed(session, caller, filters))
        .group_by(body, unit)
        .order_by(body, unit)
    )
    return (await session.execute(statement)).all()


async def find_challenge(session: AsyncSession, caller: Caller, challenge: UUID, *, lock: bool = False) -> Row:
    """Raises NotFound where there is none, or it belongs to units the caller does not see."""
    statement = sa.select(challenges).where(challenges.c.id == challenge)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    return dict(row)
