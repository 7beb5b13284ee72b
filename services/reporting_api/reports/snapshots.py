"""Published reports as immutable bytes: stored once for each level of disclosure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.copies import snapshot_table
from services.reporting_api.disclosure import copy_mark, public_copy
from services.reporting_api.document import body_of, content_hash, document
from services.reporting_api.published_figures import store_figures
from services.reporting_api.reports.errors import ToldMeanwhile
from services.reporting_api.telling import hold, keep_told, take_turn
from shared.activity.sealer import read_head
from shared.auth.caller import Caller
from shared.schemas.board_report import BoardReport


async def store_snapshots(
    session: AsyncSession,
    caller: Caller,
    row: Any,
    held: Any,
    signed: Any,
    now: datetime,
    threshold: int,
    *,
    public: bool,
) -> None:
    """The signed content as its board sees it, beside a full one a copy with small numbers hidden, and if `public`
    the copy for everybody."""
    head = await read_head(session)
    copies: list[tuple[str, BoardReport]] = []
    mark = copy_mark(row.copy_salt, row.content_hash)
    await take_turn(session)
    for content in (held.content, held.protected):
        if content is None:
            continue
        report = document(content, held.edits, threshold, copy=content["disclosure"] != row.disclosure)
        editions.with_envelope(report, row, signed)
        report.status, report.published_at = "published", now
        report.activity_head = f"{head.epoch}:{head.position}:{head.hash.hex()}"
        if report.disclosure == "protected":
            await _beside_told(session, row, report, threshold)
            await keep_told(session, row.id, report, now)
        copies.append((report.disclosure, report))
        if public and report.disclosure == "protected":
            copies.append(("public", public_copy(report, mark)))
    for level, report in copies:
        body = body_of(report)
        await session.execute(
            sa.insert(snapshot_table).values(
                report=row.id, disclosure=level, body=body, body_hash=hashlib.sha256(body).digest(),
                content_hash=report.content_hash, head_epoch=head.epoch, head_position=head.position,
                head_hash=head.hash, published_by=caller.subject, published_at=now,
            )
        )  # fmt: skip
        await store_figures(session, row.id, level, report)


async def _beside_told(session: AsyncSession, row: Any, report: BoardReport, threshold: int) -> None:
    """Hold the report against what was told since it was assembled; raises ToldMeanwhile where a signed one hides."""
    if not await hold(session, report, threshold, copy=row.disclosure == "full"):
        return
    if row.disclosure == "protected":
        raise ToldMeanwhile()
    report.content_hash = content_hash(report)
    changed = {"protected_hash": report.content_hash}
    await session.execute(sa.update(editions.table).where(editions.c.id == row.id).values(**changed))
