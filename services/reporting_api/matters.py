"""Matters arising: what boards decided on earlier reports and where each stands, for the report that is made next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import Decision, DecisionUpdate, Report
from services.reporting_api.registry import table_of

table, update_table = table_of(Decision), table_of(DecisionUpdate)
c, u = table.c, update_table.c
_report = table_of(Report)

_latest = (
    sa.select(u.decision, u.words.label("progress"), u.happened_on.label("progress_on"))
    .ext(distinct_on(u.decision))
    .order_by(u.decision, u.recorded_at.desc(), u.id.desc())
    .subquery()
)
# A decision with the report it was made on and what was last said of it.
SELECT = (
    sa.select(
        table, _report.c.title, _report.c.report.label("report_code"), _report.c.period, _report.c.occurrence,
        _report.c.disclosure, _latest.c.progress, _latest.c.progress_on,
    )
    .join(_report, _report.c.id == c.report)
    .outerjoin(_latest, _latest.c.decision == c.id)
)  # fmt: skip


def is_overdue(row: Any, today: date) -> bool:
    """By the day first agreed: re-dating hides nothing."""
    return row.status == "open" and row.originally_due_on is not None and row.originally_due_on < today


async def read_matters(
    session: AsyncSession, occurrence: Any, boards: Sequence[str], sent_to: Sequence[str], since: datetime | None
) -> Sequence[Any]:
    """The decisions of `boards` that are open, or ended since the last report of this kind was assembled.

    Only those made on a report that everybody in `sent_to` saw: what one body decided is not told to another.
    """
    ended = c.ended_at > since if since is not None else sa.false()
    statement = SELECT.where(
        c.board.in_(list(boards)), c.boards.contains(list(sent_to)), _report.c.occurrence != occurrence,
        sa.or_(c.status == "open", ended),
    )  # fmt: skip
    return (await session.execute(statement.order_by(c.meeting_on, c.id))).all()
