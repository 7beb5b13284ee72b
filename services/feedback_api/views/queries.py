"""Reading views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import View, ViewLink, table_of
from services.feedback_api.references import units_in_view
from services.feedback_api.views.schemas import ViewRow
from shared.auth.caller import Caller
from shared.keyset import before
from shared.organisation.units import require_visible
from shared.paging import Cursor
from shared.problems import NotFound

Links = list[tuple[str, str]]
_VIEW = table_of(View)
_LINK = table_of(ViewLink)
_has_words = sa.or_(_VIEW.c.what_works.is_not(None), _VIEW.c.what_should_change.is_not(None))
_ROW = [_has_words.label("has_words") if name == "has_words" else _VIEW.c[name] for name in ViewRow.model_fields]


@dataclass(frozen=True)
class Filters:
    """What a list of views may be narrowed to."""

    channel: str | None
    respondent_group: str | None
    unit: str | None
    theme: str | None
    first: date | None
    last: date | None
    audit: UUID | None
    flagged: bool | None


async def list_rows(session: AsyncSession, caller: Caller, filters: Filters, at: Cursor) -> Sequence[sa.Row[Any]]:
    """One page and a row more of the views the caller may see, newest first, without their words."""
    view = _VIEW.c
    statement = sa.select(*_ROW).where(before(at, view.given_on, view.id))
    units = await units_in_view(session, caller, filters.unit)
    if units is not None:
        statement = statement.where(view.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    if filters.channel is not None:
        statement = statement.where(view.channel == filters.channel)
    if filters.respondent_group is not None:
        statement = statement.where(view.respondent_group == filters.respondent_group)
    if filters.theme is not None:
        statement = statement.where(view.themes.contains([filters.theme]))
    if filters.first is not None:
        statement = statement.where(view.given_on >= filters.first)
    if filters.last is not None:
        statement = statement.where(view.given_on <= filters.last)
    if filters.flagged is not None:
        statement = statement.where(view.safeguarding_flag.is_(filters.flagged))
    if filters.audit is not None:
        linked = sa.select(_LINK.c.view_id).where(_LINK.c.kind == "audit", _LINK.c.ref == str(filters.audit))
        statement = statement.where(view.id.in_(linked))
    statement = statement.order_by(view.given_on.desc(), view.id.desc()).limit(at.fetch)
    return (await session.execute(statement)).all()


async def find_view(
    session: AsyncSession, caller: Caller, view_id: UUID, *, lock: bool = False
) -> tuple[dict[str, Any], Links]:
    """One view with its links; raises NotFound where it does not exist or belongs to another's units."""
    statement = sa.select(_VIEW).where(_VIEW.c.id == view_id)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    return dict(row), (await read_links(session, [view_id]))[view_id]


async def lock_held(
    session: AsyncSession, rows: Sequence[dict[str, Any]]
) -> dict[tuple[str, str], tuple[dict[str, Any], Links]]:
    """The stored views that rows of the same source and reference met, locked, with their links."""
    if not rows:
        return {}
    wanted = sa.select(
        sa.func.unnest(sa.bindparam("sources", [row["source"] for row in rows], sa.ARRAY(sa.Text))),
        sa.func.unnest(sa.bindparam("refs", [row["source_ref"] for row in rows], sa.ARRAY(sa.Text))),
    )
    statement = sa.select(_VIEW).where(sa.tuple_(_VIEW.c.source, _VIEW.c.source_ref).in_(wanted))
    found = (await session.execute(statement.order_by(_VIEW.c.id).with_for_update())).mappings().all()
    links = await read_links(session, [row["id"] for row in found])
    return {(row["source"], row["source_ref"]): (dict(row), links[row["id"]]) for row in found}


async def read_links(session: AsyncSession, views: Sequence[UUID]) -> dict[UUID, Links]:
    """The links of each of the views, in a fixed order."""
    found: dict[UUID, Links] = {view: [] for view in views}
    statement = sa.select(_LINK).where(_LINK.c.view_id.in_(views)).order_by(_LINK.c.kind, _LINK.c.ref)
    for row in (await session.execute(statement)).all() if views else []:
        found[row.view_id].append((row.kind, row.ref))
    return found
