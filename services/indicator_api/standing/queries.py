"""Which indicators are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import KIND, Definition, definition_of
from shared.paging import Cursor
from shared.schemas.figures import ThemedArea
from shared.tables import framework_item


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which indicators in force are asked about."""

    themed_area: ThemedArea | None = None
    reportable: bool | None = None
    codes: Sequence[str] = ()


async def list_definitions(session: AsyncSession, wanted: Wanted, at: Cursor | None = None) -> list[Definition]:
    """The indicators asked about by code; a page of them where one is wanted."""
    content = framework_item.c.content
    statement = sa.select(content).where(framework_item.c.kind == KIND, ~framework_item.c.retired)
    if wanted.themed_area is not None:
        statement = statement.where(content["themed_area"].astext == wanted.themed_area)
    if wanted.reportable is not None:
        published = content["disclosure"]["published_by"].astext.is_not(None)
        reportable = sa.or_(published, sa.func.jsonb_array_length(content["plans"]) > 0)
        statement = statement.where(reportable if wanted.reportable else ~reportable)
    if wanted.codes:
        statement = statement.where(framework_item.c.code.in_(wanted.codes))
    if at is not None:
        statement = statement.limit(at.fetch)
        if at.after is not None:
            statement = statement.where(framework_item.c.code > at.after[0])
    contents = (await session.execute(statement.order_by(framework_item.c.code))).scalars()
    return [definition_of(one) for one in contents]
