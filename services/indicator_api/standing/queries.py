"""Which indicators are asked about, and which authorities there were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import KIND, Definition, definition_of
from services.indicator_api.models import metadata
from shared.paging import Cursor
from shared.schemas.figures import ThemedArea
from shared.schemas.framework.areas import AreaKind
from shared.tables import framework_item

_area = metadata.tables["area"]
_AUTHORITIES = (AreaKind.local_authority, AreaKind.former_local_authority)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which indicators in force are asked about."""

    themed_area: ThemedArea | None = None
    reportable: bool | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority and the days it was one."""

    code: str
    valid_from: date | None
    valid_to: date | None

    def was_there(self, day: date) -> bool:
        return not (self.valid_from and day < self.valid_from) and not (self.valid_to and day > self.valid_to)


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
    if at is not None:
        statement = statement.limit(at.fetch)
        if at.after is not None:
            statement = statement.where(framework_item.c.code > at.after[0])
    contents = (await session.execute(statement.order_by(framework_item.c.code))).scalars()
    return [definition_of(one) for one in contents]


async def read_authorities(session: AsyncSession) -> list[Authority]:
    """Every local authority of the framework, former ones too."""
    statement = sa.select(_area.c.code, _area.c.valid_from, _area.c.valid_to).where(
        _area.c.kind.in_(_AUTHORITIES), ~_area.c.retired
    )
    return [Authority(*row) for row in (await session.execute(statement.order_by(_area.c.code))).all()]
