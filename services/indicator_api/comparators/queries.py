"""Comparator sets as they stand in the framework, with the names of their members."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.comparators.sets import KIND
from services.indicator_api.places import read_names
from shared.paging import Cursor
from shared.schemas.framework.areas import ComparatorKind
from shared.tables import framework_item as _item


class Entry(NamedTuple):
    """One set's item and how often it was changed."""

    content: dict[str, Any]
    framework_version: int


async def list_sets(
    session: AsyncSession, at: Cursor, kind: ComparatorKind | None, subject: str | None, day: date | None
) -> list[Entry]:
    """A page of sets by code; with a subject those it may be set beside, with a day those in force on it."""
    content = _item.c.content
    statement = sa.select(content, _item.c.version).where(_item.c.kind == KIND, ~_item.c.retired)
    if kind is not None:
        statement = statement.where(content["kind"].astext == kind)
    if subject is not None:
        theirs = content["subject"].astext
        # Nothing can be set beside a set whose members are not known.
        known = sa.func.jsonb_array_length(content["members"]) > 0
        statement = statement.where(sa.or_(theirs.is_(None), theirs == subject), known)
    if day is not None:
        first, last = (sa.cast(content[name].astext, sa.Date) for name in ("applies_from", "applies_to"))
        statement = statement.where(sa.or_(first.is_(None), first <= day), sa.or_(last.is_(None), last >= day))
    if at.after is not None:
        statement = statement.where(_item.c.code > at.after[0])
    rows = (await session.execute(statement.order_by(_item.c.code).limit(at.fetch))).all()
    return [Entry(*row) for row in rows]


async def find_set(session: AsyncSession, code: str) -> Entry | None:
    """One set in force."""
    statement = sa.select(_item.c.content, _item.c.version).where(
        _item.c.kind == KIND, _item.c.code == code, ~_item.c.retired
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Entry(*row)


async def member_names(session: AsyncSession, entries: list[Entry]) -> dict[str, str]:
    """The names of every area the sets speak of."""
    codes = {member["area"] for entry in entries for member in entry.content["members"]}
    codes |= {entry.content["subject"] for entry in entries if entry.content["subject"]}
    return await read_names(session, sorted(codes))
