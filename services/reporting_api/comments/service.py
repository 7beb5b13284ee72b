"""Remarks on an edition: made by those who work on it, answered in threads, resolved by one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.comments import errors
from services.reporting_api.comments.schemas import CommentIn
from services.reporting_api.models import ReportComment
from services.reporting_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.ids import new_id
from shared.problems import Fault, NotFound

table = table_of(ReportComment)
c = table.c


async def find_edition(session: AsyncSession, caller: Caller, report: UUID) -> Any:
    """The edition, for those who work on reports; raises NotFound for others, published or not."""
    row = await editions.read_edition(session, caller, report)
    if row is None or not editions.works_on_drafts(caller):
        raise NotFound()
    return row


async def add_comment(session: AsyncSession, caller: Caller, edition: Any, body: CommentIn, now: datetime) -> Any:
    if body.in_reply_to is not None:
        await _check_thread(session, edition, body)
    elif body.section is not None:
        await _check_section(session, edition, body.section)
    row = (
        await session.execute(
            sa.insert(table)
            .values(
                id=new_id(), report=edition.id, in_reply_to=body.in_reply_to, section=body.section,
                content=body.text, content_hash=edition.content_hash, author=caller.subject, written_at=now, version=1,
            )
            .returning(table)
        )
    ).one()  # fmt: skip
    await _record(session, caller, "report.commented", edition, row, content=body.text)
    return row


async def _check_thread(session: AsyncSession, edition: Any, body: CommentIn) -> None:
    """Held until the answer is stored: nobody resolves the thread in between."""
    statement = sa.select(table).where(c.id == body.in_reply_to, c.report == edition.id).with_for_update()
    thread = (await session.execute(statement)).one_or_none()
    if thread is None or thread.in_reply_to is not None:
        raise errors.UnfitComment(errors=[Fault("/in_reply_to", "thread", "name the remark that began the thread")])
    if body.section is not None:
        raise errors.UnfitComment(errors=[Fault("/section", "thread", "leave it out: the thread has its section")])
    if thread.resolved_at is not None:
        raise errors.CommentResolved()


async def _check_section(session: AsyncSession, edition: Any, section: str) -> None:
    held = await editions.read_revision(session, edition)
    if section not in {one["code"] for one in held.content["sections"]}:
        fault = Fault("/section", "unknown_section", "use the code of one of the report's own sections")
        raise errors.UnfitComment(errors=[fault])


async def resolve_comment(
    session: AsyncSession, caller: Caller, edition: Any, comment: UUID, match: IfMatch, now: datetime
) -> Any:
    """Close a thread; its answers close with it."""
    statement = sa.select(table).where(c.id == comment, c.report == edition.id, c.in_reply_to.is_(None))
    row = (await session.execute(statement.with_for_update())).one_or_none()
    if row is None:
        raise NotFound()
    match.check(row.version)
    if row.resolved_at is not None:
        raise errors.CommentResolved()
    changed = (
        await session.execute(
            sa.update(table)
            .where(c.id == comment)
            .values(resolved_at=now, resolved_by=caller.subject, version=row.version + 1)
            .returning(table)
        )
    ).one()
    await _record(session, caller, "report.comment_resolved", edition, row)
    return changed


async def _record(session: AsyncSession, caller: Caller, action: str, edition: Any, row: Any, **more: Any) -> None:
    about = {"report": edition.report, "period": edition.period, "edition": edition.edition, "comment": str(row.id)}
    await record_activity(session, caller, action, "report", edition.id, unit=edition.unit, data=about, **more)
