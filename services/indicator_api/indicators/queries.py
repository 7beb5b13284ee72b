"""Reading the data dictionary and the areas."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import KIND
from services.indicator_api.models import metadata
from shared.paging import Cursor
from shared.schemas.figures import InformationType
from shared.tables import framework_item, framework_item_version

_item, _version = framework_item, framework_item_version
_area, _succession = metadata.tables["area"], metadata.tables["area_succession"]


class Entry(NamedTuple):
    """One entry of the data dictionary with where it stands in the framework."""

    content: dict[str, Any]
    framework_version: int
    applied_at: datetime
    retired: bool


def _entries() -> sa.Select[Any]:
    columns = (_item.c.content, _item.c.version, _item.c.applied_at, _item.c.retired)
    return sa.select(*columns).where(_item.c.kind == KIND)


async def list_indicators(
    session: AsyncSession, at: Cursor, wanted: dict[str, str | None], plan: str | None
) -> list[Entry]:
    """A page of the indicators in force, by code; `wanted` names fields of the entry and what they must be."""
    statement = _entries().where(~_item.c.retired)
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(_item.c.content[name].astext == value)
    if plan is not None:
        statement = statement.where(_item.c.content["plans"].contains([plan]))
    if at.after is not None:
        statement = statement.where(_item.c.code > at.after[0])
    rows = await session.execute(statement.order_by(_item.c.code).limit(at.fetch))
    return [Entry(*row) for row in rows.all()]


async def find_indicator(session: AsyncSession, code: str, version: int | None) -> Entry | None:
    """One indicator, retired ones too, as it stands or in its last form under an earlier version."""
    if version is None:
        row = (await session.execute(_entries().where(_item.c.code == code))).one_or_none()
        return None if row is None else Entry(*row)
    statement = (
        sa.select(_version.c.content, _version.c.version, _version.c.applied_at, _version.c.retired)
        .where(
            _version.c.kind == KIND,
            _version.c.code == code,
            _version.c.content["version"].as_integer() == version,
        )
        .order_by(_version.c.version.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Entry(*row)


class Applied(NamedTuple):
    """An indicator's information type from one application to the next."""

    code: str
    version: int
    applied_at: datetime
    retired: bool
    information_type: InformationType


async def read_applications(session: AsyncSession) -> list[Applied]:
    """Every version of every indicator, in the order in which they were applied."""
    statement = (
        sa.select(
            _version.c.code, _version.c.version, _version.c.applied_at, _version.c.retired,
            _version.c.content["information_type"].astext,
        )
        .where(_version.c.kind == KIND)
        .order_by(_version.c.version)
    )  # fmt: skip
    rows = (await session.execute(statement)).all()
    return [Applied(*row[:4], InformationType(row[4])) for row in rows]


async def list_areas(
    session: AsyncSession, at: Cursor, kind: str | None, region: str | None
) -> tuple[list[sa.Row[Any]], dict[str, list[dict[str, Any]]]]:
    """A page of areas by code, and the successors of those that have any."""
    statement = sa.select(_area).where(~_area.c.retired)
    if kind is not None:
        statement = statement.where(_area.c.kind == kind)
    if region is not None:
        statement = statement.where(_area.c.region == region)
    if at.after is not None:
        statement = statement.where(_area.c.code > at.after[0])
    rows = list((await session.execute(statement.order_by(_area.c.code).limit(at.fetch))).all())
    links = sa.select(_succession).where(_succession.c.code.in_([row.code for row in rows]))
    successors: dict[str, list[dict[str, Any]]] = {}
    for link in (await session.execute(links.order_by(_succession.c.successor))).all():
        successors.setdefault(link.code, []).append(
            {"area": link.successor, "same_footprint": link.same_footprint, "note": link.note}
        )
    return rows, successors
