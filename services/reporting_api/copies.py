"""The copy of a report that this caller may read, whatever form it is asked for in."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.definitions import read_definitions
from services.reporting_api.disclosure import copy_mark, is_for_the_public, public_copy
from services.reporting_api.document import document
from services.reporting_api.models import ReportSnapshot
from services.reporting_api.registry import table_of
from shared.auth.caller import Caller
from shared.problems import NotFound
from shared.schemas.board_report import BoardReport

Copy = Literal["own", "public"]
Level = Literal["full", "protected", "public"]
snapshot_table = table_of(ReportSnapshot)


class NotForThePublic(NotFound):
    """Only reports to a body that meets in public have a public copy; `public_copy` of the report's state says so."""

    slug, title = "not-for-the-public", "This report has no public copy"


def level_of(row: Any, caller: Caller, copy: Copy = "own") -> Level:
    """Which copy of an edition the caller gets: the public's, or the one of his own level."""
    if copy == "public":
        return "public"
    return "full" if row.disclosure == "full" and editions.sees_full(caller) else "protected"


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


async def _read_draft(session: AsyncSession, row: Any, level: Level, threshold: int) -> BoardReport:
    """A draft as it stands, small numbers hidden from who may not see them; the public's as the public will read it."""
    held = await editions.read_revision(session, row)
    hide = held.protected is not None and level != "full"
    found = document(held.protected if hide else held.content, held.edits, threshold, copy=hide)
    signed = await editions.read_signatures(session, [row.id])
    editions.with_envelope(found, row, signed.get(row.id, []))
    return public_copy(found, copy_mark(row.copy_salt, row.content_hash)) if level == "public" else found


async def read_copy(session: AsyncSession, row: Any, level: Level, threshold: int) -> BoardReport:
    """What was published, or the draft; a published one says too that another has since taken its place.

    Raises NotForThePublic where the public gets none.
    """
    if row.status not in editions.PUBLIC:
        if level == "public" and not is_for_the_public(row.boards, (await read_definitions(session)).boards):
            raise NotForThePublic()
        return await _read_draft(session, row, level, threshold)
    c = snapshot_table.c
    body = await session.scalar(sa.select(c.body).where(c.report == row.id, c.disclosure == level))
    if body is None:
        raise NotForThePublic()
    found = BoardReport.model_validate_json(body)
    found.status = row.status
    return found
