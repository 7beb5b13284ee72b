"""Acknowledgements: given by each recipient for the content it has, and asked of those that are outstanding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.definitions import Definitions
from services.reporting_api.disclosure import copy_mark
from services.reporting_api.models import Acknowledgement, ReportSnapshot
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.receipts import errors
from services.reporting_api.receipts.schemas import AcknowledgementIn, OutstandingOut, ReceiptsOut, RecipientOut
from services.reporting_api.registry import table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.ids import new_id
from shared.problems import NotFound

table, _snapshot = table_of(Acknowledgement), table_of(ReportSnapshot)
c = table.c


async def find_report(session: AsyncSession, caller: Caller, report: UUID, *, lock: bool = False) -> Any:
    """A published edition, also one that was superseded; raises NotFound."""
    row = await editions.read_edition(session, caller, report, lock=lock)
    if row is None or row.status not in editions.PUBLIC:
        raise NotFound()
    return row


async def acknowledge(
    session: AsyncSession, caller: Caller, row: Any, known: Definitions, body: AcknowledgementIn, now: datetime
) -> None:
    board = known.board(body.board).code
    if row.status != "published":
        raise errors.NotCurrent()
    if board not in row.audiences:
        raise errors.NotARecipient()
    copies = sa.select(_snapshot.c.content_hash).where(_snapshot.c.report == row.id)
    if not editions.sees_full(caller):
        # The hash of what he may not see could be tried until it fits, and with it the numbers that are hidden.
        copies = copies.where(_snapshot.c.disclosure != "full")
    if body.content_hash not in set((await session.execute(copies)).scalars()):
        raise errors.OtherContent()
    given = (await session.execute(sa.select(c.id).where(c.report == row.id, c.board == board))).one_or_none()
    if given is not None:
        raise errors.AlreadyAcknowledged()
    await session.execute(
        sa.insert(table).values(
            id=new_id(), report=row.id, board=board, content_hash=body.content_hash, note=body.note,
            acknowledged_by=caller.subject, acknowledged_at=now,
        )
    )  # fmt: skip
    data = {"report": row.report, "period": row.period, "edition": row.edition, "board": board}
    await record_activity(
        session, caller, "report.acknowledged", "report", row.id, unit=row.unit, content=body.note, data=data
    )


async def receipts(session: AsyncSession, caller: Caller, row: Any, known: Definitions, now: datetime) -> ReceiptsOut:
    """Each recipient of a report, in the order of its audiences."""
    given = {one.board: one for one in (await session.execute(sa.select(table).where(c.report == row.id))).all()}
    definition = known.reports.get(row.report)
    waits = _days(row.published_at, now) if row.status == "published" else None
    # Of the copy that holds more than this caller may see he is told the mark that his own copy bears.
    hidden = row.protected_hash is not None and not editions.sees_full(caller)
    shown = {row.content_hash: copy_mark(row.copy_salt, row.content_hash)} if hidden else {}
    recipients = [_recipient(board, given.get(board), known, waits, shown) for board in row.audiences]
    outstanding = [one.board for one in recipients if one.acknowledged_at is None]
    may = bool(outstanding) and row.status == "published" and caller.may("reporting:clerk")
    return ReceiptsOut(
        report=str(row.id), required=bool(definition and definition.acknowledged), complete=not outstanding,
        outstanding=outstanding, recipients=recipients, allowed_actions=["acknowledge"] if may else [],
    )  # fmt: skip


def _recipient(
    board: str, given: Any | None, known: Definitions, waits: int | None, shown: Mapping[str, str]
) -> RecipientOut:
    has = given.content_hash if given else None
    return RecipientOut(
        board=board, name=name_of(board, known), acknowledged_at=given.acknowledged_at if given else None,
        acknowledged_by=given.acknowledged_by if given else None, content_hash=shown.get(has or "", has),
        note=given.note if given else None, waiting_days=None if given else waits,
    )  # fmt: skip


def name_of(board: str, known: Definitions) -> str:
    return known.boards[board].name if board in known.boards else board


def _days(published_at: datetime, now: datetime) -> int:
    return (local_date(now) - local_date(published_at)).days


def outstanding(known: Definitions) -> tuple[sa.Select[Any], sa.ColumnCollection[str, Any]]:
    """The reports in force that a recipient must acknowledge and has not, one row for each such recipient."""
    required = [one.code for one in known.reports.values() if one.acknowledged]
    sent = (
        sa.select(editions.table, sa.func.unnest(occurrence.audiences).label("board"))
        .join(occurrence_table, occurrence.id == editions.c.occurrence)
        .where(editions.c.status == "published", editions.c.report.in_(required))
        .subquery("sent")
    )
    given = sa.exists().where(c.report == sent.c.id, c.board == sent.c.board)
    return sa.select(sent).where(~given), sent.c


def outstanding_out(row: Any, known: Definitions, now: datetime) -> OutstandingOut:
    return OutstandingOut(
        report=str(row.id), code=row.report, title=row.title, period=row.period, edition=row.edition, board=row.board,
        name=name_of(row.board, known), published_at=row.published_at, waiting_days=_days(row.published_at, now),
        document=f"/v1/reports/{row.id}",
    )  # fmt: skip
