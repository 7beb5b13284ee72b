"""The report of the same kind that was published before, whole: its texts and key actions too."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.document import document
from services.reporting_api.occurrences import c, table
from shared.schemas.board_report import BoardReport


class LastReport(NamedTuple):
    """What its board was told, and what the copy told those who see no small numbers; none where there is none."""

    told: BoardReport | None = None
    protected: BoardReport | None = None


async def read_last(session: AsyncSession, occurrence: Any, threshold: int) -> LastReport:
    """The newest published one of an earlier period."""
    revision = editions.revision_table.c
    row = (
        await session.execute(
            sa.select(revision.content, revision.protected, revision.edits)
            .join(
                editions.table,
                sa.and_(editions.c.id == revision.report, editions.c.revision == revision.revision),
            )
            .join(table, c.id == editions.c.occurrence)
            .where(
                editions.c.report == occurrence.report, editions.c.status == "published",
                c.period_end < occurrence.period_end,
            )
            .order_by(c.period_end.desc(), c.occasion.desc())
            .limit(1)
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        return LastReport()
    told = document(row.content, row.edits, threshold)
    return LastReport(told, document(row.protected, row.edits, threshold, copy=True) if row.protected else told)
