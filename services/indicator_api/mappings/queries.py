"""Reading saved mappings, as they are and as they were."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from services.indicator_api.places import area
from shared.paging import Cursor

_mapping, _version = metadata.tables["source_mapping"], metadata.tables["source_mapping_version"]


async def find_mapping(session: AsyncSession, code: str, *, lock: bool = False) -> sa.Row[Any] | None:
    """The mapping of a code, deleted or not; None where there never was one."""
    statement = sa.select(_mapping).where(_mapping.c.code == code)
    if lock:
        statement = statement.with_for_update()
    row: sa.Row[Any] | None = (await session.execute(statement)).one_or_none()
    return row


async def find_version(session: AsyncSession, code: str, version: int) -> sa.Row[Any] | None:
    """A mapping as it was in a version."""
    statement = sa.select(_version).where(_version.c.code == code, _version.c.version == version)
    row: sa.Row[Any] | None = (await session.execute(statement)).one_or_none()
    return row


async def list_mappings(session: AsyncSession, source_system: str | None, at: Cursor) -> list[sa.Row[Any]]:
    """A page of the mappings there are, in order of code."""
    statement = sa.select(_mapping).where(~_mapping.c.deleted).order_by(_mapping.c.code).limit(at.fetch)
    if source_system is not None:
        statement = statement.where(_mapping.c.content["source_system"].as_string() == source_system)
    if at.after is not None:
        statement = statement.where(_mapping.c.code > at.after[0])
    return list((await session.execute(statement)).all())


async def read_la_numbers(session: AsyncSession) -> dict[str, str]:
    """DfE's number of each authority, and the code of the area that has it now."""
    rows = await session.execute(
        sa.select(area.c.la_number, area.c.code)
        .where(area.c.la_number.is_not(None), ~area.c.retired)
        # Where a number went from one area to another, the one in force comes last and stays.
        .order_by(sa.func.coalesce(area.c.valid_to, sa.text("'infinity'")), area.c.code)
    )
    return {row.la_number: row.code for row in rows}
