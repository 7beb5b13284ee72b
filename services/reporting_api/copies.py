"""The copy of a report that this caller may read, whatever form it is asked for in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions, snapshots
from services.reporting_api.document import document
from shared.auth.caller import Caller
from shared.problems import NotFound
from shared.schemas.board_report import BoardReport


async def find_edition(session: AsyncSession, caller: Caller, report: UUID) -> Any:
    """The edition; raises NotFound where this caller may not know of it."""
    row = await editions.read_edition(session, caller, report)
    if row is None:
        raise NotFound()
    return row


async def successor_link(session: AsyncSession, row: Any) -> dict[str, str]:
    """Where the edition that takes its place is; the old one keeps its bytes."""
    if row.status != "superseded":
        return {}
    statement = sa.select(editions.c.id).where(editions.c.supersedes == row.id)
    newer = (await session.execute(statement)).scalar_one()
    return {"Link": f'</v1/reports/{newer}>; rel="successor-version"'}


async def read_draft(session: AsyncSession, row: Any, caller: Caller, threshold: int) -> BoardReport:
    """A draft as it stands, small numbers hidden from who may not see them."""
    held = await editions.read_revision(session, row)
    hide = held.protected is not None and not editions.sees_full(caller)
    found = document(held.protected if hide else held.content, held.edits, threshold, copy=hide)
    signed = await editions.read_signatures(session, [row.id])
    return editions.with_envelope(found, row, signed.get(row.id, []))


async def read_copy(session: AsyncSession, row: Any, caller: Caller, threshold: int) -> BoardReport:
    """What was published, or the draft; a published one says too that another has since taken its place."""
    if row.status not in editions.PUBLIC:
        return await read_draft(session, row, caller, threshold)
    level, _ = await snapshots.snapshot_hash(session, row.id, editions.sees_full(caller))
    found = BoardReport.model_validate_json(await snapshots.snapshot_body(session, row.id, level))
    found.status = row.status
    return found
