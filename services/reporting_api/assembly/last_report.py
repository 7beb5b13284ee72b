"""The report of the same kind that was published before, whole: its texts and key actions too."""

from __future__ import annotations

from datetime import datetime
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


def _newest(occurrence: Any, *columns: Any) -> sa.Select[Any]:
    """Of the newest published one of an earlier period."""
    revision = editions.revision_table.c
    return (
        sa.select(*columns)
        .select_from(editions.table)
        .join(
            editions.revision_table,
            sa.and_(editions.c.id == revision.report, editions.c.revision == revision.revision),
        )
        .join(table, c.id == editions.c.occurrence)
        .where(
            editions.c.report == occurrence.report, editions.c.status == "published",
            c.period_end < occurrence.period_end,
        )
        .order_by(c.period_end.desc(), editions.c.edition.desc())
        .limit(1)
    )  # fmt: skip


async def read_last_cut_off(session: AsyncSession, occurrence: Any) -> datetime | None:
    """Up to when the report before this one tells; None where there is none."""
    as_of = editions.revision_table.c.content["as_of"].astext
    found = (await session.execute(_newest(occurrence, as_of))).scalar_one_or_none()
    return None if found is None else datetime.fromisoformat(found)


async def read_last(session: AsyncSession, occurrence: Any, threshold: int) -> LastReport:
    """The newest published one of an earlier period."""
    revision = editions.revision_table.c
    row = (
        await session.execute(_newest(occurrence, revision.content, revision.protected, revision.edits))
    ).one_or_none()
    if row is None:
        return LastReport()
    told = document(row.content, row.edits, threshold)
    return LastReport(told, document(row.protected, row.edits, threshold, copy=True) if row.protected else told)
