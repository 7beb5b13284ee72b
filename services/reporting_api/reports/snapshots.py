"""Published reports as immutable bytes: stored once for each level of disclosure, served as they are."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.document import body_of, document
from services.reporting_api.models import ReportSnapshot
from services.reporting_api.published_figures import store_figures
from shared.activity.sealer import read_head
from shared.auth.caller import Caller

_table: sa.Table = ReportSnapshot.__table__  # type: ignore[attr-defined]


async def store_snapshots(
    session: AsyncSession, caller: Caller, row: Any, held: Any, signed: Any, now: datetime, threshold: int
) -> None:
    """The signed content as its board sees it, and beside a full one a copy with small numbers hidden."""
    head = await read_head(session)
    for content in (held.content, held.protected):
        if content is None:
            continue
        report = document(content, held.edits, threshold, copy=content["disclosure"] != row.disclosure)
        editions.with_envelope(report, row, signed)
        report.status, report.published_at = "published", now
        report.activity_head = f"{head.epoch}:{head.position}:{head.hash.hex()}"
        body = body_of(report)
        await session.execute(
            sa.insert(_table).values(
                report=row.id, disclosure=report.disclosure, body=body, body_hash=hashlib.sha256(body).digest(),
                content_hash=report.content_hash, head_epoch=head.epoch, head_position=head.position,
                head_hash=head.hash, published_by=caller.subject, published_at=now,
            )
        )  # fmt: skip
        await store_figures(session, row.id, report.disclosure, report)


async def snapshot_hash(session: AsyncSession, report: UUID, full: bool) -> tuple[str, str]:
    """The level and content hash of the copy for this reader."""
    statement = sa.select(_table.c.disclosure, _table.c.content_hash).where(_table.c.report == report)
    found = {row.disclosure: row.content_hash for row in (await session.execute(statement)).all()}
    level = "full" if full and "full" in found else "protected"
    return level, found[level]


async def snapshot_body(session: AsyncSession, report: UUID, level: str) -> bytes:
    statement = sa.select(_table.c.body).where(_table.c.report == report, _table.c.disclosure == level)
    body: bytes = (await session.execute(statement)).scalar_one()
    return body
