"""Matters arising: what boards decided on earlier reports and where each stands, for the report that is made next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import Decision, DecisionUpdate, Report, ReportRevision
from services.reporting_api.occurrences import c as period
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.registry import table_of

table, update_table = table_of(Decision), table_of(DecisionUpdate)
c, u = table.c, update_table.c
_report, _revision = table_of(Report), table_of(ReportRevision)

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
    session: AsyncSession, occurrence: Any, boards: Sequence[str], sent_to: Sequence[str]
) -> Sequence[Any]:
    """The decisions of `boards` for the report of an occurrence: open, or ended since the last one of its kind.

    Only those made on a report that everybody in `sent_to` saw: what one body decided is not told to another.
    """
    last = (
        sa.select(sa.cast(_revision.c.content["as_of"].astext, sa.DateTime(timezone=True)))
        .join(_report, sa.and_(_report.c.id == _revision.c.report, _report.c.revision == _revision.c.revision))
        .join(occurrence_table, period.id == _report.c.occurrence)
        .where(
            _report.c.report == occurrence.report, _report.c.status == "published",
            period.period_end < occurrence.period_end,
        )
        .order_by(period.period_end.desc(), period.occasion.desc())
        .limit(1)
    )  # fmt: skip
    since = (await session.execute(last)).scalar_one_or_none()
    ended = c.ended_at > since if since is not None else sa.false()
    statement = SELECT.where(
        c.board.in_(list(boards)), c.boards.contains(list(sent_to)), _report.c.occurrence != occurrence.id,
        sa.or_(c.status == "open", ended),
    )  # fmt: skip
    in_order = statement.order_by(c.meeting_on, _report.c.report, _report.c.period, c.id)
    return (await session.execute(in_order)).all()
