"""Reading lists of open cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import DrawSource, OpenCase, OpenCaseList
from services.audit_api.registry import table_of

case_lists, cases, draw_sources = table_of(OpenCaseList), table_of(OpenCase), table_of(DrawSource)


async def latest_list(session: AsyncSession, unit: str, day: date, *, exactly: bool = False) -> sa.Row[Any] | None:
    """The team's list as it stood on a day: of the newest day up to then, its last revision."""
    on = case_lists.c.as_at == day if exactly else case_lists.c.as_at <= day
    statement = sa.select(case_lists).where(case_lists.c.unit == unit, on)
    newest = statement.order_by(case_lists.c.as_at.desc(), case_lists.c.revision.desc()).limit(1)
    return (await session.execute(newest)).one_or_none()


async def latest_lists(
    session: AsyncSession, within: sa.ColumnElement[bool], after: str | None, limit: int
) -> Sequence[sa.Row[Any]]:
    """The newest list of each team, in order of unit."""
    statement = sa.select(case_lists).where(within).ext(distinct_on(case_lists.c.unit))
    if after is not None:
        statement = statement.where(case_lists.c.unit > after)
    order = case_lists.c.unit, case_lists.c.as_at.desc(), case_lists.c.revision.desc()
    return (await session.execute(statement.order_by(*order).limit(limit))).all()


async def cases_of(session: AsyncSession, case_list: UUID, after: str | None, limit: int) -> Sequence[sa.Row[Any]]:
    """The cases of a list, in order of reference."""
    statement = sa.select(cases).where(cases.c.list_id == case_list)
    if after is not None:
        statement = statement.where(cases.c.case_reference > after)
    return (await session.execute(statement.order_by(cases.c.case_reference).limit(limit))).all()
