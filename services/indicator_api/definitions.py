"""What the slices need to know of an indicator to read, check, protect and explain its figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.places import is_ons_code
from shared.auth.caller import Caller
from shared.framework.store import items_in_force
from shared.schemas.figures import Measure, Polarity
from shared.schemas.periods import PeriodKind
from shared.suppression import Policy
from shared.tables import framework_item, framework_item_version

KIND = "indicators"
COMMENT_SCOPE = "indicator:comment"
_ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator as applied; `content` is the whole item, `version` the number its figures are recorded under."""

    code: str
    version: int
    measure: Measure
    polarity: Polarity
    period_kind: PeriodKind
    multiplier: int | None
    decimal_places: int
    people: bool
    published_by: str | None
    content: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.content["title"])

    def policy(self, threshold: int) -> Policy:
        """How small its numbers must be to be hidden (METHODS 2.11)."""
        return Policy(self.measure, self.people, threshold)

    def is_official(self, area: str) -> bool:
        """Whether an official body publishes this figure: it does so for areas, never for a council's own units."""
        return self.published_by is not None and is_ons_code(area)

    def protects(self, area: str) -> bool:
        """Whether its small numbers there are hidden from callers without `indicator:figures`."""
        return self.people and not self.is_official(area)


def answers_for(caller: Caller, owner_role: str) -> bool:
    """Whether the caller speaks for what that role owns: holds it, or administers the service in its place."""
    return caller.may(COMMENT_SCOPE) and bool({owner_role, _ADMIN} & caller.roles)


def definition_of(content: dict[str, Any]) -> Definition:
    disclosure = content["disclosure"]
    return Definition(
        code=content["code"],
        version=content["version"],
        measure=Measure(content["measure"]),
        polarity=Polarity(content["polarity"]),
        period_kind=PeriodKind(content["period_kind"]),
        multiplier=content["multiplier"],
        decimal_places=content["decimal_places"],
        people=disclosure["people"],
        published_by=disclosure["published_by"],
        content=content,
    )


async def read_definitions(
    session: AsyncSession, codes: Collection[str] | None = None, *, retired: bool = False
) -> dict[str, Definition]:
    """The indicators in force (retired ones too where asked for) by code; those named, where names are given."""
    statement = sa.select(framework_item.c.content).where(framework_item.c.kind == KIND)
    if not retired:
        statement = statement.where(~framework_item.c.retired)
    if codes is not None:
        statement = statement.where(framework_item.c.code.in_(codes))
    contents = (await session.execute(statement.order_by(framework_item.c.code))).scalars()
    return {content["code"]: definition_of(content) for content in contents}


async def read_definitions_at(
    session: AsyncSession, moment: datetime, codes: Collection[str] | None = None, *, retired: bool = False
) -> dict[str, Definition]:
    """The indicators as they were defined at a moment. Who answers for one and what of it is hidden is of today:
    nobody sees more of the past than of the present."""
    then = items_in_force(KIND, moment).c
    now = framework_item.c
    statement = (
        sa.select(then.content, now.content["disclosure"], now.content["owner_role"])
        .join(framework_item, sa.and_(now.kind == KIND, now.code == then.code))
        .order_by(then.code)
    )
    if not retired:
        statement = statement.where(~then.retired)
    if codes is not None:
        statement = statement.where(then.code.in_(codes))
    rows = (await session.execute(statement)).all()
    return {
        content["code"]: definition_of(content | {"disclosure": disclosure, "owner_role": owner})
        for content, disclosure, owner in rows
    }


async def read_edition(session: AsyncSession, definition: Definition, version: int) -> Definition:
    """How it was defined in the version a figure was recorded under: its own arithmetic, targets and words.

    Where it belongs, who answers for it and what is hidden follow from the definition as it stands.
    """
    past = None if version == definition.version else await read_definition(session, definition.code, version)
    if past is None:
        return definition
    of_today = {name: definition.content[name] for name in ("disclosure", "owner_role", "owner_unit", "themed_area")}
    return definition_of(past.content | of_today)


async def read_definition(session: AsyncSession, code: str, version: int | None = None) -> Definition | None:
    """One indicator in force, or as it was defined in an earlier version; None where there is no such thing."""
    if version is None:
        return (await read_definitions(session, [code])).get(code)
    table = framework_item_version
    statement = (
        sa.select(table.c.content)
        .where(table.c.kind == KIND, table.c.code == code, table.c.content["version"].as_integer() == version)
        .order_by(table.c.version.desc())
        .limit(1)
    )
    content = (await session.execute(statement)).scalar_one_or_none()
    return None if content is None else definition_of(content)
