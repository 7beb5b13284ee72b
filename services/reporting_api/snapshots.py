"""Published reports as they were stored: which copy a reader gets, and its bytes."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import ReportSnapshot
from services.reporting_api.registry import table_of

table = table_of(ReportSnapshot)


async def snapshot_hash(session: AsyncSession, report: UUID, full: bool) -> tuple[str, str]:
    """The level and content hash of the copy for this reader."""
    statement = sa.select(table.c.disclosure, table.c.content_hash).where(table.c.report == report)
    found = {row.disclosure: row.content_hash for row in (await session.execute(statement)).all()}
    level = "full" if full and "full" in found else "protected"
    return level, found[level]


async def snapshot_body(session: AsyncSession, report: UUID, level: str) -> bytes:
    statement = sa.select(table.c.body).where(table.c.report == report, table.c.disclosure == level)
    body: bytes = (await session.execute(statement)).scalar_one()
    return body
